using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Micro.AspNetCore.Http;
using Micro.Testing.Transport;
using Micro.Transport;
using Microsoft.Extensions.Logging;

namespace Micro.AspNetCore.Tests.Http;

#pragma warning disable xUnit1069 // Every wait below takes Token, which is the context's.

/// <summary>The server half against bytes on a socket: what curl and other clients see.</summary>
public sealed class HttpServerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 30_000)]
    public async Task K14_A_unary_call_is_a_POST_and_its_answer_a_plain_response()
    {
        var acceptor = new ScriptedAcceptor().On(ScriptedAcceptor.Unary, async call =>
        {
            using var request = await call.Stream.ReadAsync(call.Aborted);
            (await call.Stream.HeadersAsync(call.Aborted)).Add("x-head", "1");
            await call.Stream.WriteAsync(Encoding.UTF8.GetBytes($"[{Encoding.UTF8.GetString(request!.Memory.Span)}]"), call.Aborted);
            return new CallEnd(CallStatus.Ok, new CallHeaders().Add("x-tail", "2"));
        });
        await using var rig = await HttpRig.StartAsync(acceptor, Token);

        var answer = await PostAsync(rig, "{\"a\":1}");

        Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nContent-Type: application/json\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nContent-Length: 9\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nx-head: 1\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nmicro-trailer-x-tail: 2\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n[{\"a\":1}]", answer, StringComparison.Ordinal);
    }

    [Fact(Timeout = 30_000)]
    public async Task E05_A_failure_is_a_problem_with_the_HTTP_status_of_its_code()
    {
        var acceptor = new ScriptedAcceptor().On(ScriptedAcceptor.Unary, _ =>
            new(new CallEnd(new CallStatus(CallStatusCode.ResourceExhausted, "Später.", [new("a/b", new byte[] { 1 })], notProcessed: true)) { RetryPushback = TimeSpan.FromMilliseconds(1200) }));
        await using var rig = await HttpRig.StartAsync(acceptor, Token);

        var answer = await PostAsync(rig, "{}");

        Assert.StartsWith("HTTP/1.1 429 ", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nContent-Type: application/problem+json\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("\r\ngrpc-retry-pushback-ms: 1200\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nRetry-After: 2\r\n", answer, StringComparison.Ordinal);
        Assert.Equal(
            """{"status":429,"title":"Resource exhausted","code":"RESOURCE_EXHAUSTED","detail":"Später.","details":[{"@type":"a/b","value":"AQ=="}],"executed":"no"}""",
            BodyOf(answer));
    }

    [Fact(Timeout = 30_000)]
    public async Task COD_7_A_content_type_that_nobody_takes_is_415_with_the_accepted_list()
    {
        await using var rig = await HttpRig.StartAsync(Echo(out var acceptor), Token);
        foreach (var contentType in new[] { "Content-Type: text/html", "Content-Type: application/json; charset=utf-16", "X-No: type", "Content-Type: nonsense" })
        {
            var answer = await RawAsync(rig, $"{contentType}\r\nContent-Length: 2\r\n", "{}");
            Assert.StartsWith("HTTP/1.1 415 ", answer, StringComparison.Ordinal);
            Assert.Contains("\r\nAccept: application/json, application/protobuf, application/octet-stream\r\n", answer, StringComparison.Ordinal);
            var problem = Problem(answer);
            Assert.Equal("INVALID_ARGUMENT", problem.GetProperty("code").GetString());
            Assert.Contains("application/protobuf", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }

        Assert.Equal(0, acceptor.Accepted);
    }

    [Fact(Timeout = 30_000)]
    public async Task COD_7_The_response_type_follows_Accept()
    {
        await using var rig = await HttpRig.StartAsync(Echo(out _), Token);
        foreach (var (accept, expected) in new[]
        {
            ("application/protobuf", "application/protobuf"), ("*/*", "application/json"), ("application/*", "application/json"), ("text/html, */*;q=0.1", "application/json"),
            ("application/json;q=0.2, application/protobuf;q=0.9", "application/protobuf"), ("application/x-protobuf", "application/protobuf"),
            ("application/protobuf;q=0.5, application/json;q=0.5", "application/json"), ("application/octet-stream; q=1.0, */*; q=0.5", "application/octet-stream"),
        })
        {
            var answer = await RawAsync(rig, $"Content-Type: application/json\r\nAccept: {accept}\r\nContent-Length: 2\r\n", "{}");
            Assert.Contains($"\r\nContent-Type: {expected}\r\n", answer, StringComparison.Ordinal);
        }

        foreach (var accept in new[] { "text/html", "application/json;q=0", "image/*" })
        {
            var answer = await RawAsync(rig, $"Content-Type: application/json\r\nAccept: {accept}\r\nContent-Length: 2\r\n", "{}");
            Assert.StartsWith("HTTP/1.1 406 ", answer, StringComparison.Ordinal);
            Assert.Contains("application/protobuf", Problem(answer).GetProperty("detail").GetString(), StringComparison.Ordinal);
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task COD_6_No_content_encoding_is_decoded_and_the_answer_names_what_would_do()
    {
        await using var rig = await HttpRig.StartAsync(Echo(out var acceptor), Token);
        using var zipped = new MemoryStream();
        await using (var gzip = new GZipStream(zipped, CompressionLevel.Fastest, leaveOpen: true))
        {
            await gzip.WriteAsync(new byte[1000], Token);
        }

        foreach (var encoding in new[] { "gzip", "gzip, gzip", "br", "identity, gzip", "zip9" })
        {
            var answer = await RawAsync(
                rig, $"Content-Type: application/json\r\nContent-Encoding: {encoding}\r\nContent-Length: {zipped.Length}\r\n", Encoding.Latin1.GetString(zipped.ToArray()));
            Assert.StartsWith("HTTP/1.1 415 ", answer, StringComparison.Ordinal);
            Assert.Contains("\r\nAccept-Encoding: identity\r\n", answer, StringComparison.Ordinal);
            Assert.Equal("UNIMPLEMENTED", Problem(answer).GetProperty("code").GetString());
        }

        Assert.Equal(0, acceptor.Accepted);
        Assert.StartsWith("HTTP/1.1 200 ", await RawAsync(rig, "Content-Type: application/json\r\nContent-Encoding: identity\r\nContent-Length: 2\r\n", "{}"), StringComparison.Ordinal);
    }

    [Fact(Timeout = 30_000)]
    public async Task TRN_2_A_body_in_chunks_is_read_to_the_limit_and_no_further()
    {
        CallEnd? seen = null;
        var acceptor = new ScriptedAcceptor().On(ScriptedAcceptor.Unary, async call =>
        {
            Assert.Null(await call.Stream.ReadAsync(call.Aborted));
            seen = call.Stream.End;
            return CallEnd.Ok;
        });
        await using var rig = await HttpRig.StartAsync(acceptor, Token, options: new HttpServerOptions { MaxMessageBytes = 1000 });

        // Chunks of the limit together, then one byte more; the last chunk never comes.
        var answer = await RawAsync(rig, "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n", $"3e8\r\n{new string('a', 1000)}\r\n1\r\na\r\n");

        Assert.StartsWith("HTTP/1.1 413 ", answer, StringComparison.Ordinal);
        Assert.Equal("RESOURCE_EXHAUSTED", Problem(answer).GetProperty("code").GetString());
        Assert.Equal(CallStatusCode.ResourceExhausted, seen!.Status.Code);
    }

    [Fact(Timeout = 30_000)]
    public async Task V23_A_length_above_the_limit_is_refused_before_anything_is_read()
    {
        await using var rig = await HttpRig.StartAsync(Echo(out var acceptor), Token, options: new HttpServerOptions { MaxMessageBytes = 1000 });

        var answer = await RawAsync(rig, "Content-Type: application/json\r\nContent-Length: 1001\r\n", "");

        Assert.StartsWith("HTTP/1.1 413 ", answer, StringComparison.Ordinal);
        Assert.Equal("no", Problem(answer).GetProperty("executed").GetString());
        Assert.Equal(0, acceptor.Accepted);
    }

    [Fact(Timeout = 30_000)]
    public async Task TRN_4_Deadlines_come_in_gRPCs_and_go_micros_spelling()
    {
        TimeSpan? seen = null;
        var acceptor = new ScriptedAcceptor().On(ScriptedAcceptor.Unary, call =>
        {
            seen = call.Timeout;
            return new(new CallEnd(new CallStatus(CallStatusCode.Aborted)));
        });
        await using var rig = await HttpRig.StartAsync(acceptor, Token);
        foreach (var (header, expected) in new[]
        {
            ("grpc-timeout: 1500m", TimeSpan.FromSeconds(1.5)), ("timeout: 2000000000", TimeSpan.FromSeconds(2)), ("Timeout: 2000000000n", TimeSpan.FromSeconds(2)),
            ("timeout: 9000000000\r\ngrpc-timeout: 3S", TimeSpan.FromSeconds(3)), ("grpc-timeout: 0n", TimeSpan.Zero),
        })
        {
            await RawAsync(rig, $"Content-Type: application/json\r\n{header}\r\nContent-Length: 2\r\n", "{}");
            Assert.Equal(expected, seen);
        }

        var accepted = acceptor.Accepted;
        foreach (var header in new[] { "grpc-timeout: soon", "grpc-timeout: 123456789S", "grpc-timeout: 1S\r\ngrpc-timeout: 2S", "timeout: 5s" })
        {
            var answer = await RawAsync(rig, $"Content-Type: application/json\r\n{header}\r\nContent-Length: 2\r\n", "{}");
            Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
            Assert.Equal("INVALID_ARGUMENT", Problem(answer).GetProperty("code").GetString());
        }

        Assert.Equal(accepted, acceptor.Accepted);
    }

    [Fact(Timeout = 30_000)]
    public async Task TRN_10_Identity_of_the_transport_cannot_be_brought_in_by_headers()
    {
        CallHeaders? seen = null;
        var acceptor = new ScriptedAcceptor().On(ScriptedAcceptor.Unary, call =>
        {
            seen = call.Headers;
            return new(new CallEnd(new CallStatus(CallStatusCode.Aborted)));
        });
        await using var rig = await HttpRig.StartAsync(acceptor, Token);

        await RawAsync(rig, "Content-Type: application/json\r\nMicro-Caller: spiffe://x\r\ngrpc-status: 0\r\nX-Many: a\r\nX-Many: b\r\nx-b-bin: AQ, Ag==\r\nContent-Length: 2\r\n", "{}");

        Assert.Equal(
            [KeyValuePair.Create("x-many", "a"), KeyValuePair.Create("x-many", "b"), KeyValuePair.Create("x-b-bin", "AQ"), KeyValuePair.Create("x-b-bin", "Ag==")],
            seen!.OrderBy(header => header.Key == "x-many" ? 0 : 1));
    }

    [Fact(Timeout = 30_000)]
    public async Task TRN_11_Only_the_canonical_spelling_of_a_path_is_served()
    {
        await using var rig = await HttpRig.StartAsync(Echo(out var acceptor), Token);
        foreach (var target in new[]
        {
            "/conformance.Probe/%55nary", "/conformance%2EProbe/Unary", "/x/../conformance.Probe/Unary", "/./conformance.Probe/Unary", "/conformance.Probe/Unary/",
            "http://x/conformance.Probe/Unary", "/conformance.Probe/unary", "/conformance.Probe/", "/conformance.Probe/Unary/more",
        })
        {
            var answer = await rig.SendRawAsync($"POST {target} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}", endSending: false, Token);
            Assert.StartsWith("HTTP/1.1 501 ", answer, StringComparison.Ordinal);
            Assert.Equal("UNIMPLEMENTED", Problem(answer).GetProperty("code").GetString());
            Assert.Contains(target, Problem(answer).GetProperty("detail").GetString(), StringComparison.Ordinal);
        }

        Assert.StartsWith("HTTP/1.1 200 ", await PostAsync(rig, "{}", "/conformance.Probe/Unary?trace=1"), StringComparison.Ordinal);
        Assert.Equal(0, acceptor.Running);
    }

    [Fact(Timeout = 30_000)]
    public async Task Routes_of_the_host_keep_working()
    {
        await using var rig = await HttpRig.StartAsync(Echo(out var acceptor), Token);

        Assert.EndsWith("\r\nmine\r\n0\r\n\r\n", await PostAsync(rig, "{}", "/own/Route"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 404 ", await PostAsync(rig, "{}", "/own.Service/Missing"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 404 ", await PostAsync(rig, "{}", "/"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 404 ", await RawAsync(rig, "Content-Type: application/grpc+proto\r\nContent-Length: 0\r\n", ""), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 404 ", await RawAsync(rig, "Access-Control-Request-Method: POST\r\n", "", "OPTIONS /conformance.Probe/Unary"), StringComparison.Ordinal);
        Assert.Equal(0, acceptor.Accepted);

        // Below a contract of ours all is answered alike: who may not call must not learn which methods there are.
        Assert.StartsWith("HTTP/1.1 501 ", await RawAsync(rig, "", "", "GET /conformance.Probe/Missing"), StringComparison.Ordinal);
        Assert.Equal(1, acceptor.Accepted);

        // A caller that speaks Micro's protocol is told in it.
        var marked = await RawAsync(rig, "Content-Type: application/json\r\ngrpc-timeout: 5S\r\nContent-Length: 2\r\n", "{}", "POST /other.Service/Missing");
        Assert.Contains("/other.Service/Missing", Problem(marked).GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact(Timeout = 30_000)]
    public async Task TRN_11_Another_HTTP_method_is_told_which_one_would_do()
    {
        await using var rig = await HttpRig.StartAsync(Echo(out _), Token);
        foreach (var (line, status, header) in new[]
        {
            ("GET /conformance.Probe/Unary", 405, "Allow: POST"), ("DELETE /conformance.Probe/Unary", 405, "Allow: POST"), ("PUT /conformance.Probe/ServerStream", 405, "Allow: POST, GET"),
            ("GET /conformance.Probe/Duplex", 405, "Allow: GET"), ("POST /conformance.Probe/Duplex", 426, "Upgrade: websocket"), ("POST /conformance.Probe/ClientStream", 426, "Upgrade: websocket"),
        })
        {
            var answer = await RawAsync(rig, "Content-Type: application/json\r\nContent-Length: 0\r\n", "", line);
            Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
            Assert.Contains($"\r\n{header}\r\n", answer, StringComparison.Ordinal);
            Assert.Equal("UNIMPLEMENTED", Problem(answer).GetProperty("code").GetString());
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task TRN_3_A_server_stream_is_lines_or_events()
    {
        var acceptor = new ScriptedAcceptor().On(ScriptedAcceptor.ServerStream, async call =>
        {
            using var request = await call.Stream.ReadAsync(call.Aborted);
            foreach (var message in new[] { "{\"n\":1}", "{\r\n  \"n\": 2\n}", "{\"$status\":{}}" })
            {
                await call.Stream.WriteAsync(Encoding.UTF8.GetBytes(message), call.Aborted);
            }

            return new CallEnd(CallStatus.Ok, new CallHeaders().Add("x-tail", "t"));
        });
        await using var rig = await HttpRig.StartAsync(acceptor, Token);

        foreach (var accept in new[] { "", "Accept: */*\r\n", "Accept: application/x-ndjson\r\n", "Accept: application/json\r\n" })
        {
            var lines = await RawAsync(rig, $"Content-Type: application/json\r\n{accept}Content-Length: 2\r\n", "{}", "POST /conformance.Probe/ServerStream");
            Assert.Contains("\r\nContent-Type: application/x-ndjson\r\n", lines, StringComparison.Ordinal);
            Assert.Equal(
                "{\"n\":1}\n{    \"n\": 2 }\n {\"$status\":{}}\n{\"$status\":{\"code\":\"OK\",\"trailers\":{\"x-tail\":[\"t\"]}}}\n", Unchunk(lines));
        }

        var events = await RawAsync(rig, "Content-Type: application/json\r\nAccept: text/event-stream\r\nContent-Length: 2\r\n", "{}", "POST /conformance.Probe/ServerStream");
        Assert.Contains("\r\nContent-Type: text/event-stream\r\n", events, StringComparison.Ordinal);
        Assert.Equal(
            "data: {\"n\":1}\n\ndata: {    \"n\": 2 }\n\ndata: {\"$status\":{}}\n\nevent: status\ndata: {\"$status\":{\"code\":\"OK\",\"trailers\":{\"x-tail\":[\"t\"]}}}\n\n", Unchunk(events));

        Assert.StartsWith("HTTP/1.1 406 ", await RawAsync(rig, "Content-Type: application/json\r\nAccept: text/html\r\nContent-Length: 2\r\n", "{}", "POST /conformance.Probe/ServerStream"), StringComparison.Ordinal);
    }

    [Fact(Timeout = 30_000)]
    public async Task TRN_13_What_an_acceptor_throws_goes_to_the_log_and_not_to_the_caller()
    {
        using var logs = new CollectedLogs();
        await using var rig = await HttpRig.StartAsync(new ScriptedAcceptor { Broken = new InvalidOperationException("Password=secret") }, Token, logs: logs);

        var answer = await PostAsync(rig, "{}");

        Assert.StartsWith("HTTP/1.1 500 ", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", answer, StringComparison.Ordinal);
        Assert.Contains(logs.Entries, entry => entry.Contains("/conformance.Probe/Unary", StringComparison.Ordinal) && entry.Contains("secret", StringComparison.Ordinal));
    }

    [Fact(Timeout = 30_000)]
    public async Task K16_All_four_kinds_go_over_a_Unix_domain_socket()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("micro").FullName, "s");
        await using var rig = await HttpRig.StartAsync(Echo(out _), Token, socketPath: path);
        await using var connection = rig.Connect();
        foreach (var spec in new[] { ScriptedAcceptor.Unary, ScriptedAcceptor.ServerStream, ScriptedAcceptor.ClientStream, ScriptedAcceptor.Duplex })
        {
            await using var stream = await connection.OpenAsync(new OutgoingCall(spec, "application/json", null, null), Token);
            await stream.WriteAsync("{}"u8.ToArray(), Token);
            await stream.CompleteAsync(CallEnd.Ok, Token);
            using var message = await stream.ReadAsync(Token);
            Assert.Equal("{}"u8.ToArray(), message!.Memory.ToArray());
            Assert.Null(await stream.ReadAsync(Token));
            Assert.Equal(CallStatus.Ok, stream.End!.Status);
        }
    }

    private static ScriptedAcceptor Echo(out ScriptedAcceptor acceptor)
    {
        acceptor = new ScriptedAcceptor();
        foreach (var spec in new[] { ScriptedAcceptor.Unary, ScriptedAcceptor.ServerStream, ScriptedAcceptor.ClientStream, ScriptedAcceptor.Duplex })
        {
            acceptor.On(spec, async call =>
            {
                while (await call.Stream.ReadAsync(call.Aborted) is { } message)
                {
                    await call.Stream.WriteAsync(message.Memory, call.Aborted);
                    message.Dispose();
                }

                return CallEnd.Ok;
            });
        }

        return acceptor;
    }

    private static Task<string> PostAsync(HttpRig rig, string body, string target = "/conformance.Probe/Unary") =>
        RawAsync(rig, $"Content-Type: application/json\r\nContent-Length: {body.Length}\r\n", body, $"POST {target}");

    private static Task<string> RawAsync(HttpRig rig, string headers, string body, string line = "POST /conformance.Probe/Unary") =>
        rig.SendRawAsync($"{line} HTTP/1.1\r\nHost: x\r\n{headers}\r\n{body}", endSending: false, Token);

    private static string BodyOf(string answer) => answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];

    private static JsonElement Problem(string answer)
    {
        Assert.Contains("\r\nContent-Type: application/problem+json\r\n", answer, StringComparison.Ordinal);
        using var document = JsonDocument.Parse(BodyOf(answer));
        return document.RootElement.Clone();
    }

    private static string Unchunk(string answer)
    {
        var text = new StringBuilder();
        var rest = BodyOf(answer);
        while (Convert.ToInt32(rest[..rest.IndexOf('\r')], 16) is > 0 and var length)
        {
            var start = rest.IndexOf('\n') + 1;
            text.Append(rest.AsSpan(start, length));
            rest = rest[(start + length + 2)..];
        }

        return text.ToString();
    }

    private sealed class CollectedLogs : ILoggerProvider, ILogger
    {
        public System.Collections.Concurrent.ConcurrentQueue<string> Entries { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Entries.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
