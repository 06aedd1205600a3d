using System.Net;
using System.Net.Sockets;
using System.Text;
using Micro.Codecs;
using Micro.Internal;
using Micro.Testing.Transport;
using Micro.Transport;
using Micro.Transport.Http;

namespace Micro.AspNetCore.Tests.Http;

#pragma warning disable xUnit1069 // Every wait below takes Token, which is the context's.

/// <summary>The client half against peers that are not Micro.</summary>
public sealed class HttpClientTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 30_000)]
    public async Task TRN_11_A_page_of_a_proxy_becomes_a_synthesized_status_without_the_page()
    {
        foreach (var (http, code) in new[]
        {
            (502, CallStatusCode.Unavailable), (503, CallStatusCode.Unavailable), (504, CallStatusCode.Unavailable), (429, CallStatusCode.Unavailable),
            (404, CallStatusCode.Unimplemented), (401, CallStatusCode.Unauthenticated), (403, CallStatusCode.PermissionDenied), (400, CallStatusCode.Internal),
            (500, CallStatusCode.Unknown), (302, CallStatusCode.Unknown), (200, CallStatusCode.Unknown), (204, CallStatusCode.Unknown),
        })
        {
            var status = await StatusOfAsync(RawAnswer.Http(http, "text/html", http == 204 ? "" : "<html>gateway</html>", "Location: /elsewhere\r\n"));
            Assert.Equal(code, status.Code);
            Assert.DoesNotContain("<html>", status.Message, StringComparison.Ordinal);
            Assert.NotEmpty(status.Message);
            Assert.False(status.NotProcessed);
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task E02_A_plain_text_error_becomes_the_message()
    {
        var status = await StatusOfAsync(RawAnswer.Http(503, "text/plain; charset=utf-8", "the disk is full"));

        Assert.Equal(new CallStatus(CallStatusCode.Unavailable, "the disk is full"), status);
    }

    [Fact(Timeout = 30_000)]
    public async Task TRN_11_A_problem_of_another_framework_keeps_its_detail()
    {
        var status = await StatusOfAsync(RawAnswer.Http(409, "application/problem+json", """{"title":"Conflict","detail":"Someone was faster.","status":409}"""));

        Assert.Equal(new CallStatus(CallStatusCode.Unknown, "Someone was faster."), status);
    }

    [Fact(Timeout = 30_000)]
    public async Task TRN_11_What_is_not_HTTP_is_UNKNOWN()
    {
        Assert.Equal(CallStatusCode.Unknown, (await StatusOfAsync(new RawAnswer("SSH-2.0-OpenSSH_9.9\r\n\r\n", Close: true))).Code);
    }

    [Fact(Timeout = 30_000)]
    public async Task TRN_2_A_response_that_is_cut_off_is_UNAVAILABLE_and_may_have_executed()
    {
        foreach (var text in new[]
        {
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
            "HTTP/1.1 200 OK\r\nContent-Ty",
        })
        {
            var status = await StatusOfAsync(new RawAnswer(text, Close: true));
            Assert.Equal(CallStatusCode.Unavailable, status.Code);
            Assert.False(status.NotProcessed);
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task TRN_2_A_response_that_claims_gigabytes_is_refused_before_it_is_read()
    {
        var before = GC.GetTotalAllocatedBytes();
        var status = await StatusOfAsync(new RawAnswer("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4294967295\r\n\r\n{"));
        Assert.Equal(CallStatusCode.ResourceExhausted, status.Code);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 512L * 1024 * 1024);
    }

    [Fact(Timeout = 30_000)]
    public async Task COD_6_A_compressed_response_that_was_not_asked_for_is_refused()
    {
        await using var peer = new RawPeer(RawAnswer.Http(200, "application/json", "xx", "Content-Encoding: gzip\r\n"));
        await using var connection = Connect(peer);

        Assert.Equal(CallStatusCode.Internal, (await CallAsync(connection)).End.Status.Code);
        Assert.DoesNotContain("accept-encoding", Assert.Single(peer.Requests), StringComparison.OrdinalIgnoreCase);
    }

    [Fact(Timeout = 30_000)]
    public async Task K24_The_request_is_what_the_protocol_says_and_nothing_more()
    {
        await using var peer = new RawPeer(new RawAnswer(Ok));
        await using var connection = Connect(peer);
        var call = Call() with { Timeout = TimeSpan.FromSeconds(2), PreviousAttempts = 1, TraceParent = "00-a-b-01", Headers = new CallHeaders().Add("X-Tenant", "7").Add("expires", "0") };

        var reply = await ((IUnaryConnection)connection).CallAsync(call, "{}"u8.ToArray(), Token);

        reply.Message!.Dispose();
        Assert.Equal(
            $"""
            POST /conformance.Probe/Unary HTTP/1.1
            Host: 127.0.0.1:{peer.Address.Port}
            grpc-timeout: 2000000u
            grpc-previous-rpc-attempts: 1
            traceparent: 00-a-b-01
            x-tenant: 7
            Content-Type: application/json
            Expires: 0
            Content-Length: 2

            {"{}"}
            """.ReplaceLineEndings("\r\n"),
            Assert.Single(peer.Requests));
    }

    [Fact(Timeout = 30_000)]
    public async Task K11_Push_back_is_read_in_both_spellings()
    {
        foreach (var (header, expected) in new[]
        {
            ("grpc-retry-pushback-ms: 250", (double?)250), ("grpc-retry-pushback-ms: -1", -1), ("grpc-retry-pushback-ms: soon", -1), ("Retry-After: 2", 2000),
            ("Retry-After: soon", null), ("Retry-After: Mon, 01 Jan 2001 00:00:00 GMT", 0), ("X-Other: 1", null),
        })
        {
            await using var peer = new RawPeer(RawAnswer.Http(503, "text/plain", "busy", header + "\r\n"));
            await using var connection = Connect(peer);
            Assert.Equal(expected, (await CallAsync(connection)).End.RetryPushback?.TotalMilliseconds);
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task LB_3_A_call_is_never_sent_twice_when_a_kept_alive_peer_closes_after_reading_it()
    {
        var count = 0;
        await using var peer = new RawPeer(_ => Task.FromResult(Interlocked.Increment(ref count) == 1 ? new RawAnswer(Ok) : new RawAnswer("", Close: true)));
        await using var connection = Connect(peer);
        Assert.Equal(CallStatus.Ok, (await CallAsync(connection)).End.Status);

        // The second goes out on the socket of the first, which is where SocketsHttpHandler would try again by itself.
        var second = await CallAsync(connection);

        Assert.Equal(CallStatusCode.Unavailable, second.End.Status.Code);
        Assert.False(second.End.Status.NotProcessed);
        Assert.Equal(2, peer.Requests.Count);
        Assert.Equal(1, peer.Connections);
    }

    [Fact(Timeout = 30_000)]
    public async Task LB_3_A_stream_is_never_opened_twice_when_a_kept_alive_peer_closes_after_reading_the_handshake()
    {
        await using var peer = new RawPeer(request => Task.FromResult(request.StartsWith("POST", StringComparison.Ordinal) ? new RawAnswer(Ok) : new RawAnswer("", Close: true)));
        await using var connection = Connect(peer);
        Assert.Equal(CallStatus.Ok, (await CallAsync(connection)).End.Status);

        await using var stream = await connection.OpenAsync(new OutgoingCall(ScriptedAcceptor.Duplex, ContentTypes.Json, null, null), Token);
        Assert.Null(await stream.ReadAsync(Token));

        Assert.Equal(CallStatusCode.Unavailable, stream.End!.Status.Code);
        Assert.False(stream.End.Status.NotProcessed);
        Assert.Equal(2, peer.Requests.Count);
    }

    [Fact(Timeout = 30_000)]
    public async Task LB_3_A_socket_that_the_peer_closed_while_idle_is_not_used_again()
    {
        await using var peer = new RawPeer(new RawAnswer(Ok, Close: true));
        await using var connection = Connect(peer);
        for (var i = 1; i <= 20; i++)
        {
            Assert.Equal(CallStatus.Ok, (await CallAsync(connection)).End.Status);
            await EventuallyAsync(() => peer.Open == 0);
        }

        Assert.Equal(20, peer.Requests.Count);
    }

    [Fact(Timeout = 30_000)]
    public async Task LB_3_A_name_that_does_not_resolve_and_a_listener_that_does_not_accept_are_not_processed()
    {
        await using var nowhere = Connect(new Uri("http+insecure://no-such-host.invalid:80"));
        var unresolved = await CallAsync(nowhere);
        Assert.Equal(CallStatusCode.Unavailable, unresolved.End.Status.Code);
        Assert.True(unresolved.End.Status.NotProcessed);

        // A full backlog leaves further connections without an answer.
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(0);
        var fillers = new List<Socket>();
        for (var full = false; !full;)
        {
            var filler = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            fillers.Add(filler);
            using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
            try
            {
                await filler.ConnectAsync(listener.LocalEndPoint!, patience.Token);
            }
            catch (OperationCanceledException)
            {
                full = true;
            }
        }

        await using var silent = Connect(
            MicroAddress.Tcp("http", "127.0.0.1", ((IPEndPoint)listener.LocalEndPoint!).Port, insecure: true), new HttpTransportOptions { ConnectTimeout = TimeSpan.FromMilliseconds(300) });
        var timedOut = await CallAsync(silent);
        fillers.ForEach(filler => filler.Dispose());
        Assert.Equal(CallStatusCode.Unavailable, timedOut.End.Status.Code);
        Assert.True(timedOut.End.Status.NotProcessed);
    }

    [Fact(Timeout = 30_000)]
    public async Task LB_12_Connections_are_bounded_and_further_calls_wait()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var peer = new RawPeer(async _ =>
        {
            await gate.Task;
            return new RawAnswer(Ok);
        });
        await using var connection = Connect(peer.Address, new HttpTransportOptions { MaxConnections = 4 });
        var calls = Enumerable.Range(0, 40).Select(_ => CallAsync(connection)).ToArray();
        await EventuallyAsync(() => peer.Requests.Count == 4);
        gate.SetResult();

        Assert.All(await Task.WhenAll(calls), reply => Assert.Equal(CallStatus.Ok, reply.End.Status));
        Assert.Equal(4, peer.MostOpen);
    }

    [Fact(Timeout = 30_000)]
    public async Task TRN_5_Disposing_a_connection_ends_calls_that_wait_for_a_socket_too()
    {
        await using var peer = new RawPeer(_ => new TaskCompletionSource<RawAnswer>().Task.WaitAsync(Token));
        var connection = Connect(peer.Address, new HttpTransportOptions { MaxConnections = 1 });
        var calls = Enumerable.Range(0, 5).Select(_ => CallAsync(connection)).ToArray();
        await EventuallyAsync(() => peer.Requests.Count == 1);

        await connection.DisposeAsync();

        Assert.All(await Task.WhenAll(calls), reply => Assert.Equal(CallStatusCode.Unavailable, reply.End.Status.Code));
        var late = await CallAsync(connection);
        Assert.Equal(CallStatusCode.Unavailable, late.End.Status.Code);
        Assert.True(late.End.Status.NotProcessed);
    }

    [Fact(Timeout = 30_000)]
    public async Task LB_9_Sockets_probe_a_silent_peer_within_ten_seconds()
    {
        await using var peer = new RawPeer(new RawAnswer(Ok));
        using var sockets = new HttpSockets(HttpTarget.Parse(peer.Address, new ConnectionTarget("conformance")));
        await using var stream = (NetworkStream)await sockets.ConnectAsync(Token);

        int Option(SocketOptionName name) => (int)stream.Socket.GetSocketOption(SocketOptionLevel.Tcp, name)!;
        Assert.NotEqual(0, (int)stream.Socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive)!);
        Assert.InRange(Option(SocketOptionName.TcpKeepAliveTime) + (Option(SocketOptionName.TcpKeepAliveInterval) * Option(SocketOptionName.TcpKeepAliveRetryCount)), 1, 10);
    }

    [Fact(Timeout = 30_000)]
    public async Task TRN_11_A_stream_of_lines_without_a_status_is_UNAVAILABLE()
    {
        foreach (var body in new[] { "{}\n", "{}\n{", "{}\n{\"$status\":{\"code\":\"OK\"}}" })
        {
            var (messages, status) = await LinesAsync(RawAnswer.Http(200, "application/x-ndjson", body));
            Assert.Equal(1, messages);
            Assert.Equal(CallStatusCode.Unavailable, status.Code);
        }

        Assert.Equal((0, CallStatusCode.Unavailable), await CodeAsync(RawAnswer.Http(200, "application/x-ndjson", "")));
        Assert.Equal((1, CallStatusCode.Ok), await CodeAsync(RawAnswer.Http(200, "application/x-ndjson", "\n {\"$status\":1}\n\n{\"$status\":{\"code\":\"OK\"}}\n")));
        Assert.Equal((0, CallStatusCode.Unknown), await CodeAsync(RawAnswer.Http(200, "application/json", "{}")));
        Assert.Equal((0, CallStatusCode.Unavailable), await CodeAsync(RawAnswer.Http(502, "text/html", "<html>")));

        async Task<(int, CallStatusCode)> CodeAsync(RawAnswer answer)
        {
            var (messages, status) = await LinesAsync(answer);
            return (messages, status.Code);
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task TRN_11_A_refused_or_foreign_WebSocket_is_an_outcome()
    {
        const string Switching = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n";
        foreach (var (answer, code) in new[]
        {
            (RawAnswer.Http(502, "text/html", "<html>"), CallStatusCode.Unavailable),
            (RawAnswer.Http(200, "text/html", "<html>"), CallStatusCode.Unknown),
            (RawAnswer.Http(404, "text/plain", "nothing here"), CallStatusCode.Unimplemented),
            (new RawAnswer(Switching + "\r\n"), CallStatusCode.Unknown),
            (new RawAnswer(Switching + "Sec-WebSocket-Accept: AAAA\r\nSec-WebSocket-Protocol: micro.v1\r\n\r\n"), CallStatusCode.Unknown),
        })
        {
            await using var peer = new RawPeer(answer);
            await using var connection = Connect(peer);
            await using var stream = await connection.OpenAsync(new OutgoingCall(ScriptedAcceptor.Duplex, ContentTypes.Json, null, null), Token);
            Assert.Null(await stream.ReadAsync(Token));
            Assert.Equal(code, stream.End!.Status.Code);
            await Assert.ThrowsAsync<CallException>(async () => await stream.WriteAsync("{}"u8.ToArray(), Token));
        }
    }

    [Fact]
    public void LB_12_Addresses_that_cannot_work_are_refused_with_the_reason()
    {
        foreach (var (address, reason) in new[] { ("http://a:1", "TLS"), ("http+insecure://a", "port"), ("grpc+insecure://a:1", "not an http address"), ("http+unix:///a", "TLS") })
        {
            var error = Assert.Throws<MicroAddressException>(() => Connect(new Uri(address)));
            Assert.Contains(reason, error.Message, StringComparison.Ordinal);
            Assert.Contains(address, error.Message, StringComparison.Ordinal);
        }
    }

    private static OutgoingCall Call() => new(ScriptedAcceptor.Unary, ContentTypes.Json, null, null) { WantsHeaders = true };

    private static IClientConnection Connect(RawPeer peer) => Connect(peer.Address);

    private static IClientConnection Connect(Uri address, HttpTransportOptions? options = null) =>
        new HttpClientTransport(options ?? new HttpTransportOptions(), RandomSource.Create(), TimeProvider.System).Connect(address, new ConnectionTarget("conformance"));

    private static async Task<UnaryReply> CallAsync(IClientConnection connection)
    {
        var reply = await ((IUnaryConnection)connection).CallAsync(Call(), "{}"u8.ToArray(), Token);
        reply.Message?.Dispose();
        return reply;
    }

    private static async Task<CallStatus> StatusOfAsync(RawAnswer answer)
    {
        await using var peer = new RawPeer(answer);
        await using var connection = Connect(peer);
        return (await CallAsync(connection)).End.Status;
    }

    private static async Task<(int Messages, CallStatus Status)> LinesAsync(RawAnswer answer)
    {
        await using var peer = new RawPeer(answer);
        await using var connection = Connect(peer);
        await using var stream = await connection.OpenAsync(new OutgoingCall(ScriptedAcceptor.ServerStream, ContentTypes.Json, null, null), Token);
        await stream.WriteAsync("{}"u8.ToArray(), Token);
        var messages = 0;
        while (await stream.ReadAsync(Token) is { } message)
        {
            message.Dispose();
            messages++;
        }

        return (messages, stream.End!.Status);
    }

    private static async Task EventuallyAsync(Func<bool> condition)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(20));
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, Token);
        }
    }
}
