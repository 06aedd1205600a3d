using Google.Protobuf;
using Grpc.Core;
using Micro.Interop.Tests.Protos;
using Micro.Interop.Tests.Support;

namespace Micro.Interop.Tests;

/// <summary>The named gRPC interoperability cases: a plain Grpc.Net.Client calls a Micro service (TRN-1). Source: grpc/doc/interop-test-descriptions.md.</summary>
public sealed class PlainClientTests
{
    private const string Special = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TRN_1_empty_unary()
    {
        await using var server = await MicroServer.StartAsync();
        using var channel = server.Channel();
        Assert.Equal(new Nothing(), await new TestService.TestServiceClient(channel).EmptyCallAsync(new Nothing(), cancellationToken: Token));
    }

    [Fact]
    public async Task TRN_1_K14_large_unary()
    {
        await using var server = await MicroServer.StartAsync();
        using var channel = server.Channel();
        var reply = await new TestService.TestServiceClient(channel).UnaryCallAsync(
            new UnaryRequest { ReplySize = 314159, Payload = Bytes(271828) }, cancellationToken: Token);
        Assert.Equal(Bytes(314159), reply.Payload);
    }

    [Fact]
    public async Task TRN_1_client_streaming()
    {
        await using var server = await MicroServer.StartAsync();
        using var channel = server.Channel();
        using var call = new TestService.TestServiceClient(channel).StreamingInput(cancellationToken: Token);
        foreach (var size in new[] { 27182, 8, 1828, 45904 })
        {
            await call.RequestStream.WriteAsync(new InputRequest { Payload = Bytes(size) }, Token);
        }

        await call.RequestStream.CompleteAsync();
        Assert.Equal(74922, (await call).TotalSize);
    }

    [Fact]
    public async Task TRN_1_server_streaming()
    {
        await using var server = await MicroServer.StartAsync();
        using var channel = server.Channel();
        int[] sizes = [31415, 9, 2653, 58979];
        using var call = new TestService.TestServiceClient(channel).StreamingOutput(new OutputRequest { Sizes = { sizes } }, cancellationToken: Token);
        var replies = await call.ResponseStream.ReadAllAsync(Token).Select(reply => reply.Payload.Length).ToListAsync(Token);
        Assert.Equal(sizes, replies);
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task TRN_1_ping_pong()
    {
        await using var server = await MicroServer.StartAsync();
        using var channel = server.Channel();
        using var call = new TestService.TestServiceClient(channel).FullDuplex(cancellationToken: Token);
        foreach (var (request, reply) in new[] { (27182, 31415), (8, 9), (1828, 2653), (45904, 58979) })
        {
            await call.RequestStream.WriteAsync(new OutputRequest { Sizes = { reply }, Payload = Bytes(request) }, Token);
            Assert.True(await call.ResponseStream.MoveNext(Token));
            Assert.Equal(reply, call.ResponseStream.Current.Payload.Length);
        }

        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext(Token));
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task TRN_1_empty_stream()
    {
        await using var server = await MicroServer.StartAsync();
        using var channel = server.Channel();
        using var call = new TestService.TestServiceClient(channel).FullDuplex(cancellationToken: Token);
        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext(Token));
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task TRN_1_custom_metadata()
    {
        await using var server = await MicroServer.StartAsync();
        using var channel = server.Channel();
        var client = new TestService.TestServiceClient(channel);
        byte[] binary = [0xab, 0xab, 0xab, 0x00, 0xff];
        var metadata = new Metadata { { "x-echo-initial", "test_initial_metadata_value" }, { "x-echo-trailing-bin", binary } };

        using var unary = client.UnaryCallAsync(new UnaryRequest { ReplySize = 10 }, metadata, cancellationToken: Token);
        await unary;
        Assert.Equal("test_initial_metadata_value", (await unary.ResponseHeadersAsync).GetValue("x-echo-initial"));
        Assert.Equal(binary, unary.GetTrailers().GetValueBytes("x-echo-trailing-bin"));

        using var duplex = client.FullDuplex(metadata, cancellationToken: Token);
        await duplex.RequestStream.WriteAsync(new OutputRequest { Sizes = { 10 } }, Token);
        await duplex.RequestStream.CompleteAsync();
        Assert.Single(await duplex.ResponseStream.ReadAllAsync(Token).ToListAsync(Token));
        Assert.Equal("test_initial_metadata_value", (await duplex.ResponseHeadersAsync).GetValue("x-echo-initial"));
        Assert.Equal(binary, duplex.GetTrailers().GetValueBytes("x-echo-trailing-bin"));
    }

    [Fact]
    public async Task TRN_1_status_code_and_message()
    {
        await using var server = await MicroServer.StartAsync();
        using var channel = server.Channel();
        var client = new TestService.TestServiceClient(channel);
        var outcome = new Outcome { Code = 2, Message = "test status message" };
        var unary = await Assert.ThrowsAsync<RpcException>(async () => await client.UnaryCallAsync(new UnaryRequest { Outcome = outcome }, cancellationToken: Token));
        Assert.Equal((StatusCode.Unknown, "test status message"), (unary.StatusCode, unary.Status.Detail));

        using var duplex = client.FullDuplex(cancellationToken: Token);
        await duplex.RequestStream.WriteAsync(new OutputRequest { Outcome = outcome }, Token);
        await duplex.RequestStream.CompleteAsync();
        var stream = await Assert.ThrowsAsync<RpcException>(() => duplex.ResponseStream.MoveNext(Token));
        Assert.Equal((StatusCode.Unknown, "test status message"), (stream.StatusCode, stream.Status.Detail));
    }

    [Fact]
    public async Task TRN_1_special_status_message()
    {
        await using var server = await MicroServer.StartAsync();
        using var channel = server.Channel();
        var error = await Assert.ThrowsAsync<RpcException>(async () => await new TestService.TestServiceClient(channel).UnaryCallAsync(
            new UnaryRequest { Outcome = new Outcome { Code = 2, Message = Special } }, cancellationToken: Token));
        Assert.Equal((StatusCode.Unknown, Special), (error.StatusCode, error.Status.Detail));
    }

    [Fact]
    public async Task TRN_1_unimplemented_method()
    {
        await using var server = await MicroServer.StartAsync();
        using var channel = server.Channel();
        var error = await Assert.ThrowsAsync<RpcException>(
            async () => await new TestService.TestServiceClient(channel).MissingAsync(new Nothing(), cancellationToken: Token));
        Assert.Equal(StatusCode.Unimplemented, error.StatusCode);
        Assert.Contains("Missing", error.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TRN_1_unimplemented_service()
    {
        await using var server = await MicroServer.StartAsync();
        using var channel = server.Channel();
        var error = await Assert.ThrowsAsync<RpcException>(
            async () => await new MissingService.MissingServiceClient(channel).EmptyCallAsync(new Nothing(), cancellationToken: Token));
        Assert.Equal(StatusCode.Unimplemented, error.StatusCode);
        Assert.Contains("micro.interop.MissingService", error.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TRN_1_cancel_after_begin()
    {
        await using var server = await MicroServer.StartAsync();
        using var channel = server.Channel();
        using var call = new TestService.TestServiceClient(channel).StreamingInput(cancellationToken: Token);
        await EventuallyAsync(() => server.Handler.Running == 1);
        call.Dispose();
        var error = await Assert.ThrowsAsync<RpcException>(async () => await call);
        Assert.Equal(StatusCode.Cancelled, error.StatusCode);
        await EventuallyAsync(() => server.Handler.Running == 0);
    }

    [Fact]
    public async Task TRN_1_V26_cancel_after_first_response()
    {
        await using var server = await MicroServer.StartAsync();
        using var channel = server.Channel();
        using var cancel = new CancellationTokenSource();
        using var call = new TestService.TestServiceClient(channel).FullDuplex(cancellationToken: cancel.Token);
        await call.RequestStream.WriteAsync(new OutputRequest { Sizes = { 31415 }, Payload = Bytes(27182) }, Token);
        Assert.True(await call.ResponseStream.MoveNext(Token));
        await cancel.CancelAsync();
        var error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(Token));
        Assert.Equal(StatusCode.Cancelled, error.StatusCode);
        await EventuallyAsync(() => server.Handler.Running == 0);
    }

    [Fact]
    public async Task TRN_1_timeout_on_sleeping_server()
    {
        await using var server = await MicroServer.StartAsync();
        using var channel = server.Channel();
        using var call = new TestService.TestServiceClient(channel).StreamingOutput(
            new OutputRequest { Hang = true }, deadline: DateTime.UtcNow.AddMilliseconds(200), cancellationToken: Token);
        var error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(Token));
        Assert.Equal(StatusCode.DeadlineExceeded, error.StatusCode);
        await EventuallyAsync(() => server.Handler.Running == 0);
    }

    [Fact]
    public async Task K20_gzip_both_ways_with_response_metadata()
    {
        await using var server = await MicroServer.StartAsync(options: options => options.ResponseCompression = "gzip");
        using var peek = new ResponsePeek();
        using var channel = server.Channel(peek);
        var metadata = new Metadata { { "grpc-internal-encoding-request", "gzip" }, { "x-echo-initial", "zip" } };
        using var call = new TestService.TestServiceClient(channel).UnaryCallAsync(
            new UnaryRequest { ReplySize = 100_000, Payload = Bytes(100_000) }, metadata, cancellationToken: Token);
        Assert.Equal(Bytes(100_000), (await call).Payload);
        Assert.Equal("zip", (await call.ResponseHeadersAsync).GetValue("x-echo-initial"));
        Assert.Equal("gzip", peek.Encoding);
    }

    [Fact]
    public async Task COD_6_Responses_are_not_compressed_unless_that_was_configured()
    {
        await using var server = await MicroServer.StartAsync();
        using var peek = new ResponsePeek();
        using var channel = server.Channel(peek);
        await new TestService.TestServiceClient(channel).UnaryCallAsync(new UnaryRequest { ReplySize = 100_000 }, cancellationToken: Token);
        Assert.Null(peek.Encoding);
    }

    [Fact]
    public async Task V25_Details_reach_a_plain_client_with_the_one_go_micro_reads_first()
    {
        await using var server = await MicroServer.StartAsync();
        using var channel = server.Channel();
        var error = await Assert.ThrowsAsync<RpcException>(async () => await new TestService.TestServiceClient(channel).UnaryCallAsync(
            new UnaryRequest { Outcome = new Outcome { Code = 5, Message = "nope" } }, cancellationToken: Token));
        var status = RpcStatus.Parser.ParseFrom(error.Trailers.GetValueBytes("grpc-status-details-bin"));
        Assert.Equal((5, "nope"), (status.Code, status.Message));
        Assert.Equal("type.googleapis.com/errors.Error", status.Details[0].TypeUrl);

        // errors.Error { id = 1, code = 2, detail = 3, status = 4 }, as go-micro sends it.
        var expected = new MemoryStream();
        using (var output = new CodedOutputStream(expected, leaveOpen: true))
        {
            output.WriteRawTag(10);
            output.WriteString("micro.interop.TestService");
            output.WriteRawTag(16);
            output.WriteInt32(404);
            output.WriteRawTag(26);
            output.WriteString("nope");
            output.WriteRawTag(34);
            output.WriteString("Not Found");
        }

        Assert.Equal(expected.ToArray(), status.Details[0].Value.ToByteArray());
    }

    [Fact]
    public async Task V21_V14_A_handler_that_throws_is_INTERNAL_and_says_nothing_of_itself()
    {
        await using var server = await MicroServer.StartAsync();
        using var channel = server.Channel();

        // A negative size makes the handler fail with an exception of the runtime.
        var error = await Assert.ThrowsAsync<RpcException>(async () => await new TestService.TestServiceClient(channel).UnaryCallAsync(
            new UnaryRequest { ReplySize = -1 }, cancellationToken: Token));
        Assert.Equal(StatusCode.Internal, error.StatusCode);
        Assert.DoesNotContain("Overflow", error.Status.Detail, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(new Nothing(), await new TestService.TestServiceClient(channel).EmptyCallAsync(new Nothing(), cancellationToken: Token));
    }

    internal static ByteString Bytes(int size) => ByteString.CopyFrom(new byte[size]);

    internal static async Task EventuallyAsync(Func<bool> condition)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(20), "Not within 20 s.");
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Token);
        }
    }
}
