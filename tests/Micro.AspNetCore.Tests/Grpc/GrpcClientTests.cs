using System.Text;
using Micro.AspNetCore.Tests.Support;
using Micro.Codecs;
using Micro.Grpc;
using Micro.Testing.Transport;
using Micro.Transport;
using Microsoft.Extensions.Options;

namespace Micro.AspNetCore.Tests.Grpc;

/// <summary>The client half against servers that break, lie, or are no gRPC servers.</summary>
public sealed class GrpcClientTests
{
    private static readonly (string, string)[] Success = [(":status", "200"), ("content-type", "application/grpc+json")];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task LB_3_A_refused_stream_is_not_processed()
    {
        await using var server = new RawHttp2Server((connection, stream, token) => connection.SendAsync(RawHttp2.Reset, 0, stream, new byte[] { 0, 0, 0, 7 }, token));
        var end = await CallAsync(server.Address);
        Assert.Equal(CallStatusCode.Unavailable, end.Status.Code);
        Assert.True(end.Status.NotProcessed, end.Status.ToString());
    }

    [Fact]
    public async Task LB_3_A_stream_above_the_last_one_of_a_GOAWAY_is_not_processed()
    {
        RawHttp2Server? itself = null;
        await using var server = new RawHttp2Server(async (connection, _, token) =>
        {
            // Last stream 0: this one was not looked at. The listener is closed, as in a process that stops.
            itself!.StopAccepting();
            await connection.SendAsync(RawHttp2.GoAway, 0, 0, new byte[8], token);
        });
        itself = server;
        var end = await CallAsync(server.Address);
        Assert.Equal(CallStatusCode.Unavailable, end.Status.Code);
        Assert.True(end.Status.NotProcessed, end.Status.ToString());
        Assert.Equal(1, server.Requests);
    }

    [Fact]
    public async Task LB_3_A_stream_within_a_GOAWAY_that_breaks_may_have_executed()
    {
        await using var server = new RawHttp2Server(async (connection, stream, token) =>
        {
            await connection.SendAsync(RawHttp2.GoAway, 0, 0, new byte[] { 0, 0, 0, (byte)stream, 0, 0, 0, 0 }, token);
            await connection.DisposeAsync();
        });
        var end = await CallAsync(server.Address);
        Assert.Equal(CallStatusCode.Unavailable, end.Status.Code);
        Assert.False(end.Status.NotProcessed);
        Assert.Equal(1, server.Requests);
    }

    [Fact]
    public async Task LB_3_A_stream_the_peer_did_not_take_is_not_opened_anew_without_its_messages()
    {
        // The HTTP client below would open it again, on a new socket, and whatever was written to the first one would be missing.
        await using var server = new RawHttp2Server(
            async (connection, _, token) =>
            {
                await connection.SendAsync(RawHttp2.GoAway, 0, 0, new byte[8], token);
                await connection.DisposeAsync();
            },
            atHeaders: true);
        await using var connection = Transport().Connect(server.Address, new ConnectionTarget("greeter"));
        await using var stream = await connection.OpenAsync(Call, Token);
        try
        {
            await stream.WriteAsync("\"first\""u8.ToArray(), Token);
        }
        catch (CallException)
        {
            // Over already; reading says how.
        }

        Assert.Null(await stream.ReadAsync(Token).AsTask().WaitAsync(TimeSpan.FromSeconds(20), Token));
        Assert.Equal(CallStatusCode.Unavailable, stream.End!.Status.Code);
        Assert.True(stream.End.Status.NotProcessed, stream.End.Status.ToString());
    }

    [Theory]
    [InlineData(1, CallStatusCode.Internal)]
    [InlineData(2, CallStatusCode.Internal)]
    [InlineData(8, CallStatusCode.Cancelled)]
    [InlineData(11, CallStatusCode.ResourceExhausted)]
    [InlineData(12, CallStatusCode.PermissionDenied)]
    public async Task TRN_11_A_reset_stream_has_the_code_of_the_wire_document(byte error, CallStatusCode code)
    {
        await using var server = new RawHttp2Server((connection, stream, token) => connection.SendAsync(RawHttp2.Reset, 0, stream, new byte[] { 0, 0, 0, error }, token));
        var end = await CallAsync(server.Address);
        Assert.Equal(code, end.Status.Code);
        Assert.False(end.Status.NotProcessed);
        Assert.Equal(1, server.Requests);
    }

    [Theory]
    [InlineData("400", CallStatusCode.Internal)]
    [InlineData("401", CallStatusCode.Unauthenticated)]
    [InlineData("403", CallStatusCode.PermissionDenied)]
    [InlineData("404", CallStatusCode.Unimplemented)]
    [InlineData("429", CallStatusCode.Unavailable)]
    [InlineData("502", CallStatusCode.Unavailable)]
    [InlineData("503", CallStatusCode.Unavailable)]
    [InlineData("504", CallStatusCode.Unavailable)]
    [InlineData("418", CallStatusCode.Unknown)]
    public async Task TRN_11_An_answer_of_something_else_than_grpc_has_the_code_of_its_http_status(string status, CallStatusCode code)
    {
        await using var server = new RawHttp2Server(async (connection, stream, token) =>
        {
            await connection.SendHeadersAsync(stream, [(":status", status), ("content-type", "text/html")], end: false, token);
            await connection.SendAsync(RawHttp2.Data, 1, stream, "<html>"u8.ToArray(), token);
        });
        foreach (var end in new[] { await CallAsync(server.Address), await StreamAsync(server.Address) })
        {
            Assert.Equal(code, end.Status.Code);
            Assert.False(end.Status.NotProcessed);
            Assert.NotEqual("", end.Status.Message);
        }
    }

    [Fact]
    public async Task TRN_11_A_wrong_content_type_is_an_error()
    {
        await using var server = new RawHttp2Server((connection, stream, token) =>
            connection.SendHeadersAsync(stream, [(":status", "200"), ("content-type", "text/html")], end: true, token));
        Assert.NotEqual(CallStatusCode.Ok, (await CallAsync(server.Address)).Status.Code);
        Assert.NotEqual(CallStatusCode.Ok, (await StreamAsync(server.Address)).Status.Code);
    }

    [Fact]
    public async Task TRN_11_A_response_without_a_status_is_UNKNOWN()
    {
        await using var server = new RawHttp2Server(async (connection, stream, token) =>
        {
            await connection.SendHeadersAsync(stream, Success, end: false, token);
            await connection.SendAsync(RawHttp2.Data, 1, stream, RawHttp2.Message("\"x\""u8.ToArray()), token);
        });
        Assert.Equal(CallStatusCode.Unknown, (await CallAsync(server.Address)).Status.Code);
        Assert.Equal(CallStatusCode.Unknown, (await StreamAsync(server.Address)).Status.Code);
    }

    [Theory]
    [InlineData("grpc-status", "many")]
    [InlineData("grpc-status", "99")]
    [InlineData("x-data-bin", "%%%")]
    [InlineData("grpc-status-details-bin", "%%%")]
    [InlineData("grpc-status-details-bin", "////")]
    public async Task TRN_6_Trailers_that_are_wrong_are_an_error_and_not_a_hang(string name, string value)
    {
        (string, string)[] trailers = name == "grpc-status" ? [(name, value)] : [("grpc-status", "5"), ("grpc-message", "gone"), (name, value)];
        await using var server = new RawHttp2Server(async (connection, stream, token) =>
        {
            await connection.SendHeadersAsync(stream, Success, end: false, token);
            await connection.SendAsync(RawHttp2.Data, 0, stream, RawHttp2.Message("\"x\""u8.ToArray()), token);
            await connection.SendHeadersAsync(stream, trailers, end: true, token);
        });
        Assert.NotEqual(CallStatusCode.Ok, (await CallAsync(server.Address).WaitAsync(TimeSpan.FromSeconds(20), Token)).Status.Code);
        Assert.NotEqual(CallStatusCode.Ok, (await StreamAsync(server.Address).WaitAsync(TimeSpan.FromSeconds(20), Token)).Status.Code);
    }

    [Fact]
    public async Task TRN_2_A_response_length_that_lies_is_RESOURCE_EXHAUSTED()
    {
        foreach (var claimed in new uint[] { uint.MaxValue, int.MaxValue, (4 * 1024 * 1024) + 1 })
        {
            await using var server = new RawHttp2Server(async (connection, stream, token) =>
            {
                await connection.SendHeadersAsync(stream, Success, end: false, token);
                await connection.SendAsync(RawHttp2.Data, 0, stream, RawHttp2.Message("\"x\""u8.ToArray(), claimed), token);
            });
            Assert.Equal(CallStatusCode.ResourceExhausted, (await CallAsync(server.Address)).Status.Code);
            Assert.Equal(CallStatusCode.ResourceExhausted, (await StreamAsync(server.Address)).Status.Code);
        }
    }

    [Theory]
    [InlineData("250", 250)]
    [InlineData("0", 0)]
    [InlineData("-1", -1)]
    [InlineData("soon", -1)]
    [InlineData("", -1)]
    public async Task LB_6_Push_back_is_read_as_gRFC_A6_has_it(string value, int milliseconds)
    {
        await using var server = new RawHttp2Server((connection, stream, token) => connection.SendHeadersAsync(
            stream, [.. Success, ("grpc-status", "14"), ("grpc-retry-pushback-ms", value)], end: true, token));
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), (await CallAsync(server.Address)).RetryPushback);
    }

    [Fact]
    public async Task V25_An_error_of_go_micro_keeps_its_text_and_its_detail()
    {
        // As captured from go-micro v6.10.0.
        const string Json = "{\"id\":\"greeter.say\",\"code\":404,\"detail\":\"nope\",\"status\":\"Not Found\"}";
        const string Details = "CAUSRHsiaWQiOiJncmVldGVyLnNheSIsImNvZGUiOjQwNCwiZGV0YWlsIjoibm9wZSIsInN0YXR1cyI6Ik5vdCBGb3VuZCJ9GkUKIHR5cGUuZ29vZ2xlYXBpcy5jb20vZXJyb3JzLkVycm9yEiEKC2dyZWV0ZXIuc2F5EJQDGgRub3BlIglOb3QgRm91bmQ";
        await using var server = new RawHttp2Server((connection, stream, token) => connection.SendHeadersAsync(
            stream, [.. Success, ("grpc-status", "5"), ("grpc-message", Json), ("grpc-status-details-bin", Details)], end: true, token));
        var status = (await CallAsync(server.Address)).Status;
        Assert.Equal((CallStatusCode.NotFound, "nope"), (status.Code, status.Message));
        Assert.Equal("type.googleapis.com/errors.Error", Assert.Single(status.Details).Type);

        await using var without = new RawHttp2Server((connection, stream, token) => connection.SendHeadersAsync(
            stream, [.. Success, ("grpc-status", "5"), ("grpc-message", Json)], end: true, token));
        Assert.Equal("nope", (await CallAsync(without.Address)).Status.Message);
    }

    [Fact]
    public async Task An_address_that_means_tls_is_refused_by_name()
    {
        var error = Assert.Throws<MicroAddressException>(() => Transport().Connect(new Uri("grpc://127.0.0.1:5001"), new ConnectionTarget("greeter")));
        Assert.Contains("grpc://127.0.0.1:5001", error.Message, StringComparison.Ordinal);
        await using var connection = Transport().Connect(new Uri("grpc+insecure://127.0.0.1:1"), new ConnectionTarget("greeter"));
        var reply = await Unary(connection).CallAsync(Call with { ContentType = "image/png" }, "x"u8.ToArray(), Token);
        Assert.Equal(CallStatusCode.InvalidArgument, reply.End.Status.Code);
        Assert.Contains("image/png", reply.End.Status.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LB_3_A_host_name_that_does_not_exist_is_not_processed()
    {
        var end = await CallAsync(new Uri("grpc+insecure://nothing.invalid:5001"));
        Assert.Equal(CallStatusCode.Unavailable, end.Status.Code);
        Assert.True(end.Status.NotProcessed, end.Status.ToString());
    }

    [Fact]
    public async Task A_connection_that_was_disposed_refuses_calls_as_not_processed()
    {
        var connection = Transport().Connect(new Uri("grpc+insecure://127.0.0.1:1"), new ConnectionTarget("greeter"));
        await connection.DisposeAsync();
        var reply = await Unary(connection).CallAsync(Call, "x"u8.ToArray(), Token);
        Assert.True(reply.End.Status is { Code: CallStatusCode.Unavailable, NotProcessed: true });
        await using var stream = await connection.OpenAsync(Call, Token);
        Assert.Null(await stream.ReadAsync(Token));
        Assert.True(stream.End!.Status is { Code: CallStatusCode.Unavailable, NotProcessed: true });
        await connection.DisposeAsync();
    }

    internal static OutgoingCall Call => new(ScriptedAcceptor.Unary, ContentTypes.Json, null, null);

    internal static GrpcClientTransport Transport(Action<GrpcClientOptions>? configure = null)
    {
        var options = new GrpcClientOptions();
        configure?.Invoke(options);
        return new GrpcClientTransport(Options.Create(options));
    }

    internal static IUnaryConnection Unary(IClientConnection connection) => (IUnaryConnection)connection;

    internal static async Task<CallEnd> CallAsync(Uri address)
    {
        await using var connection = Transport().Connect(address, new ConnectionTarget("greeter"));
        var reply = await Unary(connection).CallAsync(Call, Encoding.UTF8.GetBytes("\"x\""), Token);
        reply.Message?.Dispose();
        return reply.End;
    }

    internal static async Task<CallEnd> StreamAsync(Uri address)
    {
        await using var connection = Transport().Connect(address, new ConnectionTarget("greeter"));
        await using var stream = await connection.OpenAsync(Call, Token);
        try
        {
            await stream.WriteAsync("\"x\""u8.ToArray(), Token);
            await stream.CompleteAsync(CallEnd.Ok, Token);
        }
        catch (CallException)
        {
            // Over before it was sent; reading says how.
        }

        while (await stream.ReadAsync(Token) is { } message)
        {
            message.Dispose();
        }

        return stream.End!;
    }
}
