using System.IO.Compression;
using Micro.AspNetCore.Tests.Support;
using Micro.Testing.Transport;
using Micro.Transport;

namespace Micro.AspNetCore.Tests.Grpc;

/// <summary>The server half against clients that send what they should not, and against those of other systems.</summary>
public sealed class GrpcServerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task COD_6_A_message_that_is_small_only_while_compressed_is_RESOURCE_EXHAUSTED()
    {
        await using var server = await TestServer.StartAsync(Reading(out var ends));
        using var zipped = new MemoryStream();
        await using (var gzip = new GZipStream(zipped, CompressionLevel.Optimal, leaveOpen: true))
        {
            var zeros = new byte[1024 * 1024];
            for (var i = 0; i < 256; i++)
            {
                await gzip.WriteAsync(zeros, Token);
            }
        }

        await using var raw = await RawHttp2.ConnectAsync(server.Grpc, Token);
        await raw.SendHeadersAsync(1, RawHttp2.Request(ScriptedAcceptor.Unary.Path, ("grpc-encoding", "gzip")), end: false, Token);
        var message = RawHttp2.Message(zipped.ToArray(), flag: 1);
        var before = GC.GetTotalAllocatedBytes();
        await SendAsync(raw, message);
        Assert.Equal(CallStatusCode.ResourceExhausted, (await raw.OutcomeAsync(1, Token)).Code);

        // It would be 256 MiB, and more than that with a buffer that doubles.
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 100L * 1024 * 1024);
        Assert.Equal(CallStatusCode.ResourceExhausted, Assert.Single(ends)!.Status.Code);
    }

    [Theory]
    [InlineData("gzip, gzip")]
    [InlineData("br")]
    public async Task COD_6_Other_and_nested_compressions_are_UNIMPLEMENTED_with_those_accepted(string encoding)
    {
        await using var server = await TestServer.StartAsync(Reading(out _));
        await using var raw = await RawHttp2.ConnectAsync(server.Grpc, Token);
        await raw.SendHeadersAsync(1, RawHttp2.Request(ScriptedAcceptor.Unary.Path, ("grpc-encoding", encoding)), end: false, Token);
        await raw.SendAsync(RawHttp2.Data, 1, 1, RawHttp2.Message("\"x\""u8.ToArray(), flag: 1), Token);
        var (code, text) = await raw.OutcomeAsync(1, Token);
        Assert.Equal(CallStatusCode.Unimplemented, code);
        Assert.Contains("identity", text, StringComparison.Ordinal);
        Assert.Contains("gzip", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData((byte)1)]
    [InlineData((byte)7)]
    public async Task TRN_2_A_frame_with_a_wrong_flag_is_an_error(byte flag)
    {
        await using var server = await TestServer.StartAsync(Reading(out _));
        await using var raw = await RawHttp2.ConnectAsync(server.Grpc, Token);
        await raw.SendHeadersAsync(1, RawHttp2.Request(ScriptedAcceptor.Unary.Path), end: false, Token);
        await raw.SendAsync(RawHttp2.Data, 1, 1, RawHttp2.Message("\"x\""u8.ToArray(), flag: flag), Token);
        Assert.Equal(CallStatusCode.Internal, (await raw.OutcomeAsync(1, Token)).Code);
    }

    [Theory]
    [InlineData(uint.MaxValue)]
    [InlineData((uint)int.MaxValue)]
    [InlineData((uint)(4 * 1024 * 1024) + 1)]
    public async Task TRN_2_Every_length_above_the_limit_is_RESOURCE_EXHAUSTED(uint claimed)
    {
        await using var server = await TestServer.StartAsync(Reading(out _));
        await using var raw = await RawHttp2.ConnectAsync(server.Grpc, Token);
        await raw.SendHeadersAsync(1, RawHttp2.Request(ScriptedAcceptor.Unary.Path), end: false, Token);
        await raw.SendAsync(RawHttp2.Data, 0, 1, RawHttp2.Message("\"x\""u8.ToArray(), claimed), Token);
        Assert.Equal(CallStatusCode.ResourceExhausted, (await raw.OutcomeAsync(1, Token)).Code);
    }

    [Theory]
    [InlineData("grpc-timeout", "soon")]
    [InlineData("grpc-timeout", "123456789m")]
    [InlineData("grpc-timeout", "-1S")]
    [InlineData("grpc-timeout", "10")]
    [InlineData("x-data-bin", "%%%")]
    [InlineData("x-data-bin", "AAAAA")]
    [InlineData("content-type", "application/grpc+json; charset=latin1")]
    public async Task TRN_6_Headers_that_are_wrong_are_INVALID_ARGUMENT_before_any_handler(string name, string value)
    {
        var acceptor = Reading(out _);
        await using var server = await TestServer.StartAsync(acceptor);
        await using var raw = await RawHttp2.ConnectAsync(server.Grpc, Token);
        await raw.SendHeadersAsync(1, RawHttp2.Request(ScriptedAcceptor.Unary.Path, (name, value)), end: true, Token);
        var (code, text) = await raw.OutcomeAsync(1, Token);
        Assert.Equal(CallStatusCode.InvalidArgument, code);
        Assert.Contains("micro-executed", text, StringComparison.Ordinal);
        Assert.Equal(0, acceptor.Accepted);

        // The socket lives on.
        await raw.SendHeadersAsync(3, RawHttp2.Request(ScriptedAcceptor.Unary.Path), end: false, Token);
        await raw.SendAsync(RawHttp2.Data, 1, 3, RawHttp2.Message("\"x\""u8.ToArray()), Token);
        Assert.Equal(CallStatusCode.Ok, (await raw.OutcomeAsync(3, Token)).Code);
    }

    [Theory]
    [InlineData("timeout", "5000000000", 5000.0)]
    [InlineData("timeout", "5000000000n", 5000.0)]
    [InlineData("grpc-timeout", "29998875u", 29998.875)]
    [InlineData("grpc-timeout", "1H", 3600_000.0)]
    [InlineData("timeout", "five", null)]
    [InlineData("grpc-timeout", "99999999H", null)]
    public async Task K14_Deadlines_of_go_micro_and_of_grpc_are_understood(string name, string value, double? milliseconds)
    {
        IncomingCall? seen = null;
        await using var server = await TestServer.StartAsync(new ScriptedAcceptor().On(ScriptedAcceptor.Unary, call =>
        {
            seen = call;
            return new(CallEnd.Ok);
        }));
        await using var raw = await RawHttp2.ConnectAsync(server.Grpc, Token);
        await raw.SendHeadersAsync(
            1, RawHttp2.Request(ScriptedAcceptor.Unary.Path, (name, value), ("x-content-type", "application/grpc+json"), ("foo", "bar")), end: true, Token);
        Assert.Equal(CallStatusCode.Ok, (await raw.OutcomeAsync(1, Token)).Code);
        Assert.Equal(milliseconds, seen!.Timeout?.TotalMilliseconds);
        Assert.Equal("foo", Assert.Single(seen.Headers).Key);
    }

    [Fact]
    public async Task A_grpc_timeout_wins_over_the_one_of_go_micro()
    {
        TimeSpan? seen = null;
        await using var server = await TestServer.StartAsync(new ScriptedAcceptor().On(ScriptedAcceptor.Unary, call =>
        {
            seen = call.Timeout;
            return new(CallEnd.Ok);
        }));
        await using var raw = await RawHttp2.ConnectAsync(server.Grpc, Token);
        await raw.SendHeadersAsync(1, RawHttp2.Request(ScriptedAcceptor.Unary.Path, ("timeout", "9000000000"), ("grpc-timeout", "2S")), end: true, Token);
        await raw.OutcomeAsync(1, Token);
        Assert.Equal(TimeSpan.FromSeconds(2), seen);
    }

    [Theory]
    [InlineData("application/grpc", "application/protobuf")]
    [InlineData("application/grpc+proto", "application/protobuf")]
    [InlineData("application/grpc+json", "application/json")]
    [InlineData("application/grpc+json; charset=utf-8", "application/json")]
    [InlineData("application/grpc+msgpack", "application/msgpack")]
    [InlineData("application/grpc+bytes", "application/octet-stream")]
    [InlineData("application/grpc+xml", "application/xml")]
    public async Task COD_7_The_content_subtype_names_the_codec(string given, string expected)
    {
        string? seen = null;
        await using var server = await TestServer.StartAsync(new ScriptedAcceptor().On(ScriptedAcceptor.Unary, call =>
        {
            seen = call.ContentType;
            return new(CallEnd.Ok);
        }));
        await using var raw = await RawHttp2.ConnectAsync(server.Grpc, Token);
        await raw.SendHeadersAsync(1, RawHttp2.Request(ScriptedAcceptor.Unary.Path, ("content-type", given)), end: true, Token);
        await raw.OutcomeAsync(1, Token);
        Assert.Equal(expected, seen);
    }

    [Fact]
    public async Task TRN_11_The_refusal_of_an_unknown_method_names_it_whatever_its_letters()
    {
        await using var server = await TestServer.StartAsync(new ScriptedAcceptor());
        await using var raw = await RawHttp2.ConnectAsync(server.Grpc, Token);
        await raw.SendHeadersAsync(1, RawHttp2.Request("/conformance.Probe/100%25"), end: true, Token);
        var (code, text) = await raw.OutcomeAsync(1, Token);
        Assert.Equal(CallStatusCode.Unimplemented, code);

        // grpc-message is percent-encoded: the percent sign of the path itself has to be.
        Assert.Contains("Nothing serves /conformance.Probe/100%2525.", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task V21_A_handlers_failure_is_not_an_error_in_the_log_of_grpc()
    {
        var logs = new LogLines();
        await using var server = await TestServer.StartAsync(
            new ScriptedAcceptor().On(ScriptedAcceptor.Unary, _ => throw new InvalidOperationException("boom")),
            builder => builder.Logging.Services.Add(Microsoft.Extensions.DependencyInjection.ServiceDescriptor.Singleton<Microsoft.Extensions.Logging.ILoggerProvider>(logs)));
        var end = await GrpcClientTests.CallAsync(server.Grpc);
        Assert.Equal(CallStatusCode.Internal, end.Status.Code);
        Assert.DoesNotContain(logs.Lines, line => line.StartsWith("Error", StringComparison.Ordinal) || line.Contains("boom", StringComparison.Ordinal));
    }

    /// <summary>In frames of 16 KB, which is as large as they may be; all together they are below the windows of Kestrel, which are 768 KB at first.</summary>
    private static async Task SendAsync(RawHttp2 raw, byte[] message)
    {
        const int Most = 16 * 1024;
        Assert.InRange(message.Length, 0, 768 * 1024);
        for (var at = 0; at < message.Length; at += Most)
        {
            var last = at + Most >= message.Length;
            await raw.SendAsync(RawHttp2.Data, (byte)(last ? 1 : 0), 1, message.AsMemory(at, Math.Min(Most, message.Length - at)), Token);
        }
    }

    private static ScriptedAcceptor Reading(out List<CallEnd?> ends)
    {
        var seen = new List<CallEnd?>();
        ends = seen;
        return new ScriptedAcceptor().On(ScriptedAcceptor.Unary, async call =>
        {
            using var message = await call.Stream.ReadAsync(call.Aborted);
            if (message is not null)
            {
                return CallEnd.Ok;
            }

            seen.Add(call.Stream.End);
            return call.Stream.End!;
        });
    }
}
