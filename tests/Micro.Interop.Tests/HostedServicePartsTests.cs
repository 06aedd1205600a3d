using Google.Protobuf.Reflection;
using Grpc.Core;
using Micro.AspNetCore.Grpc;
using Micro.Interop.Tests.Protos;
using Micro.Transport;

namespace Micro.Interop.Tests;

/// <summary>What AddGrpcService is made of, where a call would not show it.</summary>
public sealed class HostedServicePartsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TRN_3_A_write_ends_when_its_message_was_sent()
    {
        var writer = new GrpcResponseWriter<Nothing>();
        var message = new Nothing();
        var write = writer.WriteAsync(message, Token);
        Assert.True(await writer.ReadAsync());
        Assert.Same(message, writer.Current);
        Assert.False(write.IsCompleted);
        writer.Taken();
        await write;

        var read = writer.ReadAsync();
        Assert.False(read.IsCompleted);
        writer.Complete();
        Assert.False(await read);
        Assert.False(writer.Close());
        await Assert.ThrowsAsync<InvalidOperationException>(() => writer.WriteAsync(message, Token));
    }

    [Fact]
    public async Task A_write_whose_wait_was_given_up_is_sent_all_the_same()
    {
        var writer = new GrpcResponseWriter<Nothing>();
        using var impatient = new CancellationTokenSource();
        var write = writer.WriteAsync(new Nothing(), impatient.Token);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writer.WriteAsync(new Nothing(), impatient.Token));
        writer.Complete();
        Assert.True(await writer.ReadAsync());
        writer.Taken();
        Assert.False(await writer.ReadAsync());
    }

    [Fact]
    public async Task A_broken_stream_of_requests_never_looks_complete()
    {
        var reader = new GrpcRequestReader<Nothing>(Broken(), Token);
        Assert.True(await reader.MoveNext(Token));
        await Assert.ThrowsAsync<CallException>(() => reader.MoveNext(Token));
        await Assert.ThrowsAsync<CallException>(() => reader.MoveNext(Token));
        await reader.CloseAsync();

        static async IAsyncEnumerable<Nothing> Broken()
        {
            await Task.Yield();
            yield return new Nothing();
            throw new CallException(CallStatusCode.Cancelled, "The caller went away.");
        }
    }

    [Theory]
    [InlineData("10.0.0.7:80", "ipv4:10.0.0.7:80")]
    [InlineData("[::ffff:10.0.0.7]:80", "ipv4:10.0.0.7:80")]
    [InlineData("[::1]:80", "ipv6:[::1]:80")]
    [InlineData("unix", "unix:")]
    [InlineData("inproc", "inproc")]
    [InlineData(null, "unknown")]
    public void Peers_are_written_as_gRPC_writes_them(string? address, string expected) => Assert.Equal(expected, Context(address).Peer);

    [Fact]
    public void Headers_that_metadata_cannot_hold_are_left_out()
    {
        var headers = new CallHeaders();
        headers.TryAddReceived("x-own", "1");
        headers.TryAddReceived("x-bad-bin", "!");
        headers.TryAddReceived("x|odd", "2");
        headers.TryAddReceived("x-bytes-bin", "AQI");
        var metadata = GrpcMetadata.FromHeaders(headers);
        Assert.Equal(["x-own", "x-bytes-bin"], metadata.Select(entry => entry.Key));
        Assert.Equal([1, 2], metadata.GetValueBytes("x-bytes-bin"));
    }

    [Fact]
    public async Task Trailers_and_outcomes_are_taken_over_with_what_can_be_sent()
    {
        var (context, call) = Both();
        var error = await Assert.ThrowsAsync<CallException>(() => context.RunAsync<int>(own =>
        {
            own.ResponseTrailers.Add("x-first", "1");
            own.ResponseTrailers.Add("x-umlaut", "ä");
            throw new RpcException(new Status(StatusCode.OK, "no success"), own.ResponseTrailers);
        }));
        Assert.Equal((CallStatusCode.Unknown, "no success"), (error.Code, error.Status.Message));
        Assert.Equal(new KeyValuePair<string, string>("x-first", "1"), Assert.Single(call.ResponseTrailers));

        (context, call) = Both();
        error = await Assert.ThrowsAsync<CallException>(() => context.RunAsync<int>(_ => throw new RpcException(
            new Status(StatusCode.Aborted, "again"), new Metadata { { "grpc-status-details-bin", [0xff] }, { "grpc-retry-pushback-ms", "soon" } })));
        Assert.Equal(CallStatusCode.Aborted, error.Code);
        Assert.Empty(error.Status.Details);
        Assert.True(call.RetryPushback < TimeSpan.Zero);
    }

    [Fact]
    public async Task Response_headers_are_sent_once_and_only_those_of_the_service()
    {
        var (context, call) = Both();
        await context.WriteResponseHeadersAsync(new Metadata { { "x-own-bin", new byte[] { 1, 2 } } });
        Assert.Equal([1, 2], call.ResponseHeaders.GetBinary("x-own-bin"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => context.WriteResponseHeadersAsync([]));
        await Assert.ThrowsAsync<ArgumentException>(() => Context(null).WriteResponseHeadersAsync(new Metadata { { "grpc-encoding", "gzip" } }));
        Assert.Throws<NotSupportedException>(() => context.CreatePropagationToken());
    }

    [Fact]
    public void Schemas_follow_the_JSON_of_the_proto() => Assert.Equal(
        """
        {"title":"Shape","type":"object","properties":{
        "flag":{"type":"boolean"},
        "signed":{"type":"string","format":"int64"},
        "unsigned":{"type":"string","format":"uint64"},
        "small":{"type":"integer","format":"uint32"},
        "ratio":{"type":"number"},
        "textOfIt":{"type":"string"},
        "color":{"title":"Color","type":"string","enum":["COLOR_UNKNOWN","COLOR_RED"]},
        "names":{"type":"array","items":{"type":"string"}},
        "inners":{"type":"object","additionalProperties":{"title":"Inner","type":"object"}},
        "itself":{"title":"Shape","type":["object","null"]},
        "at":{"title":"Timestamp","type":"string","format":"date-time"},
        "took":{"title":"Duration","type":"string"},
        "maybe":{"title":"Int64Value","type":"string","format":"int64"},
        "any":{"title":"Any"},
        "none":{"type":"null"},
        "other":{"type":"string"}}}
        """.ReplaceLineEndings(""),
        ProtobufSchema.Write(Shape.Descriptor));

    [Fact]
    public void Schemas_say_what_is_required_and_have_an_end()
    {
        Assert.Equal(
            """{"title":"NamePart","type":"object","properties":{"namePart":{"type":"string"},"isExtension":{"type":"boolean"}},"required":["namePart","isExtension"]}""",
            ProtobufSchema.Write(UninterpretedOption.Types.NamePart.Descriptor));
        Assert.InRange(ProtobufSchema.Write(FileDescriptorProto.Descriptor).Length, 100, 200_000);
    }

    [Fact]
    public void The_proto_says_which_methods_are_idempotent()
    {
        var methods = GrpcServiceDefinition<ShapesHandler>.Read("shapes").Contract.Methods;
        Assert.Equal([("Look", true), ("Put", true), ("Add", false)], methods.Select(method => (method.Spec.Method, method.Spec.Idempotent)));
    }

    private static GrpcCallContext Context(string? address) => Both(address).Context;

    private static (GrpcCallContext Context, CallContext Call) Both(string? address = null)
    {
        var incoming = new IncomingCall
        {
            Path = "/a.B/C", ContentType = "application/json", Headers = [], Stream = null!, Transport = "inproc", RemoteAddress = address,
        };
        var call = CallContext.ForServer(new CallSpec("a", "a.B", "C", CallKind.Unary), incoming, Caller.Anonymous, null!, []);
        return (new GrpcCallContext(call, Token), call);
    }

    private sealed class ShapesHandler : Shapes.ShapesBase
    {
        public override Task<Shape> Look(Shape request, ServerCallContext context) => Task.FromResult(request);

        public override Task<Shape> Put(Shape request, ServerCallContext context) => Task.FromResult(request);

        public override Task<Shape> Add(Shape request, ServerCallContext context) => Task.FromResult(request);
    }
}
