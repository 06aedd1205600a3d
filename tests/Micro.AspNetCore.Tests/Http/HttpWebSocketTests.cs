using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Micro.Testing.Transport;
using Micro.Transport;

namespace Micro.AspNetCore.Tests.Http;

#pragma warning disable xUnit1069 // Every wait below takes Token, which is the context's.

/// <summary>Subprotocol <c>micro.v1</c> as a browser speaks it.</summary>
public sealed class HttpWebSocketTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 30_000)]
    public async Task TRN_3_Text_frames_are_messages_and_an_empty_one_half_closes()
    {
        await using var rig = await HttpRig.StartAsync(Echo(), Token);
        using var socket = await OpenAsync(rig, "/conformance.Probe/Duplex");
        Assert.Equal("micro.v1", socket.SubProtocol);
        await SendAsync(socket, "{\"n\":1}");
        Assert.Equal((WebSocketMessageType.Text, "{\"n\":1}"), await ReceiveAsync(socket));
        await SendAsync(socket, "{\"$status\":{}}");
        Assert.Equal((WebSocketMessageType.Text, " {\"$status\":{}}"), await ReceiveAsync(socket));
        await socket.SendAsync(Encoding.UTF8.GetBytes("{\"n\":2}"), WebSocketMessageType.Binary, true, Token);
        Assert.Equal((WebSocketMessageType.Text, "{\"n\":2}"), await ReceiveAsync(socket));

        await SendAsync(socket, "");

        Assert.Equal((WebSocketMessageType.Text, "{\"$status\":{\"code\":\"OK\"}}"), await ReceiveAsync(socket));
        Assert.Equal(WebSocketMessageType.Close, (await ReceiveAsync(socket)).Type);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, socket.CloseStatus);
    }

    [Fact(Timeout = 30_000)]
    public async Task TRN_3_Other_types_go_in_binary_frames_and_the_query_names_the_type()
    {
        await using var rig = await HttpRig.StartAsync(Echo(), Token);
        using var socket = await OpenAsync(rig, "/conformance.Probe/Duplex?content-type=application/protobuf");
        await socket.SendAsync(ReadOnlyMemory<byte>.Empty, WebSocketMessageType.Binary, true, Token);
        Assert.Equal((WebSocketMessageType.Binary, ""), await ReceiveAsync(socket));

        await SendAsync(socket, "text");

        var (_, status) = await ReceiveAsync(socket);
        Assert.Contains("INVALID_ARGUMENT", status, StringComparison.Ordinal);
    }

    [Fact(Timeout = 30_000)]
    public async Task K24_Headers_of_the_answer_come_first_where_there_are_any()
    {
        var acceptor = new ScriptedAcceptor().On(ScriptedAcceptor.Duplex, async call =>
        {
            (await call.Stream.HeadersAsync(call.Aborted)).Add("x-a", "1").Add("x-a", "2");
            await call.Stream.WriteAsync("{}"u8.ToArray(), call.Aborted);
            return new CallEnd(new CallStatus(CallStatusCode.Aborted, "Nö"));
        });
        await using var rig = await HttpRig.StartAsync(acceptor, Token);
        using var socket = await OpenAsync(rig, "/conformance.Probe/Duplex");

        Assert.Equal((WebSocketMessageType.Text, "{\"$headers\":{\"x-a\":[\"1\",\"2\"]}}"), await ReceiveAsync(socket));
        Assert.Equal((WebSocketMessageType.Text, "{}"), await ReceiveAsync(socket));
        Assert.Equal((WebSocketMessageType.Text, "{\"$status\":{\"code\":\"ABORTED\",\"detail\":\"Nö\",\"executed\":\"maybe\"}}"), await ReceiveAsync(socket));
    }

    [Fact(Timeout = 30_000)]
    public async Task TRN_3_The_outcome_is_not_lost_when_the_caller_went_on_writing()
    {
        var acceptor = new ScriptedAcceptor().On(ScriptedAcceptor.Duplex, _ => new(new CallEnd(new CallStatus(CallStatusCode.OutOfRange, "Enough."))));
        await using var rig = await HttpRig.StartAsync(acceptor, Token);
        for (var round = 0; round < 10; round++)
        {
            using var socket = await OpenAsync(rig, "/conformance.Probe/Duplex");
            await EventuallyAsync(() => acceptor.Accepted == round + 1 && acceptor.Running == 0);
            for (var i = 0; i < 100; i++)
            {
                await SendAsync(socket, new string('1', 10_000));
            }

            Assert.Contains("OUT_OF_RANGE", (await ReceiveAsync(socket)).Text, StringComparison.Ordinal);
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task V26_A_close_frame_in_the_middle_cancels_the_handler()
    {
        var acceptor = new ScriptedAcceptor().On(ScriptedAcceptor.Duplex, async call =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, call.Aborted);
            return CallEnd.Ok;
        });
        await using var rig = await HttpRig.StartAsync(acceptor, Token);
        using var socket = await OpenAsync(rig, "/conformance.Probe/Duplex");
        await EventuallyAsync(() => acceptor.Running == 1);

        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, Token);

        await EventuallyAsync(() => acceptor.Running == 0);
    }

    [Fact(Timeout = 30_000)]
    public async Task V26_A_caller_that_leaves_after_its_half_close_cancels_the_handler()
    {
        var acceptor = new ScriptedAcceptor().On(ScriptedAcceptor.Duplex, async call =>
        {
            Assert.Null(await call.Stream.ReadAsync(call.Aborted));
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, call.Aborted);
            return CallEnd.Ok;
        });
        await using var rig = await HttpRig.StartAsync(acceptor, Token);
        using var socket = await OpenAsync(rig, "/conformance.Probe/Duplex");
        await SendAsync(socket, "");
        await EventuallyAsync(() => acceptor.Running == 1);

        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, Token);

        await EventuallyAsync(() => acceptor.Running == 0);
    }

    [Fact(Timeout = 30_000)]
    public async Task V23_A_message_in_fragments_above_the_limit_is_refused_and_not_kept()
    {
        await using var rig = await HttpRig.StartAsync(Echo(), Token, options: new() { MaxMessageBytes = 10_000 });
        using var socket = await OpenAsync(rig, "/conformance.Probe/Duplex");
        var refused = ReceiveAsync(socket);
        for (var i = 0; i < 1000 && !refused.IsCompleted; i++)
        {
            await socket.SendAsync(new byte[1000], WebSocketMessageType.Binary, false, Token);
        }

        Assert.Contains("RESOURCE_EXHAUSTED", (await refused).Text, StringComparison.Ordinal);
    }

    [Fact(Timeout = 30_000)]
    public async Task TRN_11_A_handshake_that_is_not_one_is_a_problem()
    {
        await using var rig = await HttpRig.StartAsync(Echo(), Token);
        const string Good = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: chat, micro.v1\r\n";
        foreach (var (from, to, target, status) in new[]
        {
            ("chat, micro.v1", "chat", "Duplex", 400), (": 13", ": 8", "Duplex", 426), ("AAAAAAAAAAAAAAAAAAAAAA==", "short", "Duplex", 400),
            ("", "", "Duplex?content-type=text/html", 415), ("", "", "Missing", 501), ("Sec-WebSocket-Version", "grpc-timeout: x\r\nSec-WebSocket-Version", "Duplex", 400),
        })
        {
            var answer = await rig.SendRawAsync(
                $"GET /conformance.Probe/{target} HTTP/1.1\r\nHost: x\r\n{(from.Length == 0 ? Good : Good.Replace(from, to, StringComparison.Ordinal))}\r\n", endSending: false, Token);
            Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
            using var problem = JsonDocument.Parse(answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..]);
            Assert.Equal(status, problem.RootElement.GetProperty("status").GetInt32());
        }
    }

    private static ScriptedAcceptor Echo() => new ScriptedAcceptor().On(ScriptedAcceptor.Duplex, async call =>
    {
        while (await call.Stream.ReadAsync(call.Aborted) is { } message)
        {
            await call.Stream.WriteAsync(message.Memory, call.Aborted);
            message.Dispose();
        }

        return call.Stream.End!;
    });

    private static async Task<ClientWebSocket> OpenAsync(HttpRig rig, string target)
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("micro.v1");
        await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{rig.Port}{target}"), Token);
        return socket;
    }

    private static Task SendAsync(ClientWebSocket socket, string text) => socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, Token);

    private static async Task<(WebSocketMessageType Type, string Text)> ReceiveAsync(ClientWebSocket socket)
    {
        var buffer = new byte[64 * 1024];
        var count = 0;
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(count), Token);
            count += received.Count;
            if (received.EndOfMessage)
            {
                return (received.MessageType, Encoding.UTF8.GetString(buffer, 0, count));
            }
        }
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
