using Micro.Codecs;
using Micro.Interop.Tests.Protos;
using Micro.Interop.Tests.Support;
using Micro.Rpc;
using Microsoft.Extensions.DependencyInjection;
using static Micro.Interop.Tests.PlainClientTests;

namespace Micro.Interop.Tests;

/// <summary>The named gRPC interoperability cases the other way round: a Micro client calls a plain Grpc.AspNetCore service (TRN-1).</summary>
public sealed class PlainServerTests
{
    private const string Special = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static CallContext Context => new(cancellationToken: Token);

    [Fact]
    public async Task TRN_1_empty_unary()
    {
        await using var server = await PlainServer.StartAsync();
        Assert.Equal(new Nothing(), await server.Client.EmptyCallAsync(new Nothing(), Context));
    }

    [Fact]
    public async Task TRN_1_K14_large_unary()
    {
        await using var server = await PlainServer.StartAsync();
        var reply = await server.Client.UnaryCallAsync(new UnaryRequest { ReplySize = 314159, Payload = Bytes(271828) }, Context);
        Assert.Equal(Bytes(314159), reply.Payload);
    }

    [Fact]
    public async Task TRN_1_client_streaming()
    {
        await using var server = await PlainServer.StartAsync();
        var requests = new[] { 27182, 8, 1828, 45904 }.ToAsyncEnumerable().Select(size => new InputRequest { Payload = Bytes(size) });
        Assert.Equal(74922, (await server.Client.StreamingInputAsync(requests, Context)).TotalSize);
    }

    [Fact]
    public async Task TRN_1_server_streaming()
    {
        await using var server = await PlainServer.StartAsync();
        int[] sizes = [31415, 9, 2653, 58979];
        var replies = await server.Client.StreamingOutputAsync(new OutputRequest { Sizes = { sizes } }, Context).Select(reply => reply.Payload.Length).ToListAsync(Token);
        Assert.Equal(sizes, replies);
    }

    [Fact]
    public async Task TRN_1_ping_pong()
    {
        await using var server = await PlainServer.StartAsync();
        (int Request, int Reply)[] sizes = [(27182, 31415), (8, 9), (1828, 2653), (45904, 58979)];
        using var next = new SemaphoreSlim(1);
        var replies = new List<int>();
        await foreach (var reply in server.Client.FullDuplexAsync(Requests(), Context))
        {
            replies.Add(reply.Payload.Length);
            next.Release();
        }

        Assert.Equal(sizes.Select(pair => pair.Reply), replies);

        async IAsyncEnumerable<OutputRequest> Requests()
        {
            foreach (var (request, reply) in sizes)
            {
                // Each one goes out when the answer to the one before came in.
                await next.WaitAsync(Token);
                yield return new OutputRequest { Sizes = { reply }, Payload = Bytes(request) };
            }
        }
    }

    [Fact]
    public async Task TRN_1_empty_stream()
    {
        await using var server = await PlainServer.StartAsync();
        Assert.Empty(await server.Client.FullDuplexAsync(AsyncEnumerable.Empty<OutputRequest>(), Context).ToListAsync(Token));
    }

    [Fact]
    public async Task TRN_1_custom_metadata()
    {
        await using var server = await PlainServer.StartAsync();
        byte[] binary = [0xab, 0xab, 0xab, 0x00, 0xff];
        var unary = Context;
        unary.RequestHeaders.Add("x-echo-initial", "test_initial_metadata_value").AddBinary("x-echo-trailing-bin", binary);
        await server.Client.UnaryCallAsync(new UnaryRequest { ReplySize = 10 }, unary);
        Assert.Equal("test_initial_metadata_value", unary.ResponseHeaders["x-echo-initial"]);
        Assert.Equal(binary, unary.ResponseTrailers.GetBinary("x-echo-trailing-bin"));

        var duplex = Context;
        duplex.RequestHeaders.Add("x-echo-initial", "test_initial_metadata_value").AddBinary("x-echo-trailing-bin", binary);
        var requests = new[] { new OutputRequest { Sizes = { 10 } } }.ToAsyncEnumerable();
        Assert.Single(await server.Client.FullDuplexAsync(requests, duplex).ToListAsync(Token));
        Assert.Equal("test_initial_metadata_value", duplex.ResponseHeaders["x-echo-initial"]);
        Assert.Equal(binary, duplex.ResponseTrailers.GetBinary("x-echo-trailing-bin"));
    }

    [Fact]
    public async Task TRN_1_status_code_and_message()
    {
        await using var server = await PlainServer.StartAsync();
        var outcome = new Outcome { Code = 2, Message = "test status message" };
        var unary = await Assert.ThrowsAsync<CallException>(() => server.Client.UnaryCallAsync(new UnaryRequest { Outcome = outcome }, Context));
        Assert.Equal(new CallStatus(CallStatusCode.Unknown, "test status message"), unary.Status);

        var requests = new[] { new OutputRequest { Outcome = outcome } }.ToAsyncEnumerable();
        var stream = await Assert.ThrowsAsync<CallException>(async () => await server.Client.FullDuplexAsync(requests, Context).ToListAsync(Token));
        Assert.Equal(new CallStatus(CallStatusCode.Unknown, "test status message"), stream.Status);
    }

    [Fact]
    public async Task TRN_1_special_status_message()
    {
        await using var server = await PlainServer.StartAsync();
        var request = new UnaryRequest { Outcome = new Outcome { Code = 2, Message = Special } };
        var error = await Assert.ThrowsAsync<CallException>(() => server.Client.UnaryCallAsync(request, Context));
        Assert.Equal(new CallStatus(CallStatusCode.Unknown, Special), error.Status);
    }

    [Fact]
    public async Task TRN_1_unimplemented_method()
    {
        await using var server = await PlainServer.StartAsync();
        var client = server.Services.GetRequiredService<UntypedClient>();
        var missing = new CallSpec("interop", "micro.interop.TestService", "Missing", CallKind.Unary);
        var context = new CallContext(new CallOptions { ContentType = "application/protobuf" }, Token);
        var error = await Assert.ThrowsAsync<CallException>(() => client.UnaryAsync(missing, new RawMessage(default), context, Token));
        Assert.Equal(CallStatusCode.Unimplemented, error.Code);
    }

    [Fact]
    public async Task TRN_1_unimplemented_service()
    {
        await using var server = await PlainServer.StartAsync();
        var client = server.Services.GetRequiredService<IMissingService>();
        Assert.Equal(CallStatusCode.Unimplemented, (await Assert.ThrowsAsync<CallException>(() => client.EmptyCallAsync(new Nothing(), Context))).Code);
    }

    [Fact]
    public async Task TRN_1_cancel_after_begin()
    {
        await using var server = await PlainServer.StartAsync();
        using var cancel = new CancellationTokenSource();
        var before = PlainHandler.Running;
        var call = server.Client.StreamingInputAsync(Endless(cancel.Token), new CallContext(cancellationToken: cancel.Token));
        await EventuallyAsync(() => PlainHandler.Running == before + 1);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await EventuallyAsync(() => PlainHandler.Running == before);
    }

    [Fact]
    public async Task TRN_1_cancel_after_first_response()
    {
        await using var server = await PlainServer.StartAsync();
        using var cancel = new CancellationTokenSource();
        var before = PlainHandler.Running;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var reply in server.Client.StreamingOutputAsync(
                new OutputRequest { Sizes = { 31415 }, Hang = true }, new CallContext(cancellationToken: cancel.Token)))
            {
                Assert.Equal(31415, reply.Payload.Length);
                await cancel.CancelAsync();
            }
        });
        await EventuallyAsync(() => PlainHandler.Running == before);
    }

    [Fact]
    public async Task TRN_1_timeout_on_sleeping_server()
    {
        await using var server = await PlainServer.StartAsync();
        var before = PlainHandler.Running;
        var context = new CallContext(new CallOptions { Timeout = TimeSpan.FromMilliseconds(200) }, Token);
        var error = await Assert.ThrowsAsync<CallException>(async () => await server.Client.StreamingOutputAsync(new OutputRequest { Hang = true }, context).ToListAsync(Token));
        Assert.Equal(CallStatusCode.DeadlineExceeded, error.Code);
        await EventuallyAsync(() => PlainHandler.Running == before);
    }

    [Fact]
    public async Task K20_gzip_responses_with_response_metadata()
    {
        await using var server = await PlainServer.StartAsync(services => services.AddGrpc(grpc => grpc.ResponseCompressionAlgorithm = "gzip"));
        var context = Context;
        context.RequestHeaders.Add("x-echo-initial", "zip");
        var reply = await server.Client.UnaryCallAsync(new UnaryRequest { ReplySize = 100_000 }, context);
        Assert.Equal(Bytes(100_000), reply.Payload);
        Assert.Equal("zip", context.ResponseHeaders["x-echo-initial"]);
    }

    private static async IAsyncEnumerable<InputRequest> Endless([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return new InputRequest();
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
    }
}
