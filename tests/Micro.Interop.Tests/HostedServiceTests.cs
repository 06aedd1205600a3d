using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Grpc.Core;
using Micro.AspNetCore.Grpc;
using Micro.AspNetCore.Hosting;
using Micro.Codecs;
using Micro.Grpc;
using Micro.Hosting;
using Micro.Interop.Tests.Protos;
using Micro.Interop.Tests.Support;
using Micro.Rpc;
using Microsoft.Extensions.DependencyInjection;
using CallOptions = Micro.Rpc.CallOptions;
using static Micro.Interop.Tests.PlainClientTests;

namespace Micro.Interop.Tests;

/// <summary>AddGrpcService: a class of Grpc.Tools served like a contract, called by a plain Grpc.Net.Client, by HTTP and by Micro's clients.</summary>
public sealed class HostedServiceTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TRN_1_Unary()
    {
        await using var server = await HostedServer.StartAsync();
        var reply = await server.Client.UnaryCallAsync(new UnaryRequest { ReplySize = 314159, Payload = Bytes(271828) }, cancellationToken: Token);
        Assert.Equal(Bytes(314159), reply.Payload);
    }

    [Fact]
    public async Task TRN_1_Server_streaming()
    {
        await using var server = await HostedServer.StartAsync();
        int[] sizes = [31415, 9, 2653, 58979];
        using var call = server.Client.StreamingOutput(new OutputRequest { Sizes = { sizes } }, cancellationToken: Token);
        Assert.Equal(sizes, await call.ResponseStream.ReadAllAsync(Token).Select(reply => reply.Payload.Length).ToListAsync(Token));
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task TRN_1_Client_streaming()
    {
        await using var server = await HostedServer.StartAsync();
        using var call = server.Client.StreamingInput(cancellationToken: Token);
        foreach (var size in new[] { 27182, 8, 1828, 45904 })
        {
            await call.RequestStream.WriteAsync(new InputRequest { Payload = Bytes(size) }, Token);
        }

        await call.RequestStream.CompleteAsync();
        Assert.Equal(74922, (await call).TotalSize);
    }

    [Fact]
    public async Task TRN_1_Ping_pong()
    {
        await using var server = await HostedServer.StartAsync();
        using var call = server.Client.FullDuplex(cancellationToken: Token);
        foreach (var size in new[] { 31415, 9, 2653, 58979 })
        {
            await call.RequestStream.WriteAsync(new OutputRequest { Sizes = { size } }, Token);
            Assert.True(await call.ResponseStream.MoveNext(Token));
            Assert.Equal(size, call.ResponseStream.Current.Payload.Length);
        }

        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext(Token));
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task TRN_1_Metadata_both_ways_and_headers_before_the_first_message()
    {
        await using var server = await HostedServer.StartAsync();
        byte[] binary = [0xab, 0xab, 0xab, 0x00, 0xff];
        var metadata = new Metadata { { "x-echo-initial", "initial" }, { "x-echo-trailing-bin", binary } };
        using var unary = server.Client.UnaryCallAsync(new UnaryRequest(), metadata, cancellationToken: Token);
        await unary;
        Assert.Equal("initial", (await unary.ResponseHeadersAsync).GetValue("x-echo-initial"));
        Assert.Equal(binary, unary.GetTrailers().GetValueBytes("x-echo-trailing-bin"));

        using var duplex = server.Client.FullDuplex(metadata, cancellationToken: Token);
        Assert.Equal("initial", (await duplex.ResponseHeadersAsync.WaitAsync(TimeSpan.FromSeconds(10), Token)).GetValue("x-echo-initial"));
        await duplex.RequestStream.CompleteAsync();
        Assert.False(await duplex.ResponseStream.MoveNext(Token));
        Assert.Equal(binary, duplex.GetTrailers().GetValueBytes("x-echo-trailing-bin"));
    }

    [Fact]
    public async Task TRN_11_A_thrown_RpcException_keeps_code_detail_and_trailers()
    {
        await using var server = await HostedServer.StartAsync();
        var outcome = new Outcome { Code = 9, Message = "nicht jetzt ☺" };
        var unary = await FailAsync(server.Client, new UnaryRequest { Outcome = outcome });
        Assert.Equal((StatusCode.FailedPrecondition, "nicht jetzt ☺", "because"), (unary.StatusCode, unary.Status.Detail, unary.Trailers.GetValue("x-cause")));

        using var stream = server.Client.StreamingOutput(new OutputRequest { Sizes = { 5 }, Outcome = outcome }, cancellationToken: Token);
        Assert.True(await stream.ResponseStream.MoveNext(Token));
        var error = await Assert.ThrowsAsync<RpcException>(() => stream.ResponseStream.MoveNext(Token));
        Assert.Equal((StatusCode.FailedPrecondition, "nicht jetzt ☺", "because"), (error.StatusCode, error.Status.Detail, error.Trailers.GetValue("x-cause")));
    }

    [Fact]
    public async Task V25_Details_reach_plain_clients_and_Micros_and_what_is_the_transports_does_not_pass()
    {
        await using var server = await HostedServer.StartAsync();
        var request = new UnaryRequest { Outcome = new Outcome { Message = "details" } };
        var plain = await FailAsync(server.Client, request);
        var status = RpcStatus.Parser.ParseFrom(plain.Trailers.GetValueBytes("grpc-status-details-bin"));
        Assert.Equal((9, "not yet"), (status.Code, status.Message));
        Assert.Equal(42, status.Details.Single(detail => detail.Is(Outcome.Descriptor)).Unpack<Outcome>().Code);
        Assert.Equal("1500", plain.Trailers.GetValue("grpc-retry-pushback-ms"));
        Assert.Equal("kept", plain.Trailers.GetValue("x-own"));

        // The method ran: that another service's did not is nothing to say of it.
        Assert.Null(plain.Trailers.GetValue("micro-executed"));

        var micro = await Assert.ThrowsAsync<CallException>(() => server.App.Services.GetRequiredService<ITestService>().UnaryCallAsync(request, new CallContext()));
        Assert.Equal((CallStatusCode.FailedPrecondition, "not yet"), (micro.Code, micro.Status.Message));
        Assert.Equal(42, Outcome.Parser.ParseFrom(Assert.Single(micro.Status.Details).Value.Span).Code);
    }

    [Fact]
    public async Task TRN_11_A_status_set_on_the_context_is_the_outcome()
    {
        await using var server = await HostedServer.StartAsync();
        var error = await FailAsync(server.Client, new UnaryRequest { Outcome = new Outcome { Code = 5, Message = "status" } });
        Assert.Equal((StatusCode.NotFound, "set on the context"), (error.StatusCode, error.Status.Detail));
    }

    [Fact]
    public async Task TRN_13_Any_other_exception_is_INTERNAL_and_says_nothing_of_itself()
    {
        await using var server = await HostedServer.StartAsync();
        var error = await FailAsync(server.Client, new UnaryRequest { Outcome = new Outcome { Message = "break" } });
        Assert.Equal(StatusCode.Internal, error.StatusCode);
        Assert.DoesNotContain("secret", error.Status.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("wait")]
    [InlineData("downstream")]
    public async Task TRN_4_The_deadline_is_seen_and_kept(string how)
    {
        await using var server = await HostedServer.StartAsync();
        var deadline = TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(1);

        // Over HTTP, because a plain gRPC client keeps deadlines for itself and would not show what the server answered.
        using var content = Json($"{{\"outcome\":{{\"message\":\"{how}\"}}}}");
        content.Headers.Add("grpc-timeout", "1S");
        using var response = await server.Http.PostAsync("/micro.interop.TestService/UnaryCall", content, Token);
        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
        await EventuallyAsync(() => server.Probe.Running == 0);
        if (how == "wait")
        {
            Assert.InRange((DateTime)server.Probe.Seen["deadline"]!, deadline.AddSeconds(-0.5), deadline.AddSeconds(1));
        }

        var error = await Assert.ThrowsAsync<RpcException>(async () => await server.Client.UnaryCallAsync(
            new UnaryRequest { Outcome = new Outcome { Message = how } }, deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddMilliseconds(200), cancellationToken: Token));
        Assert.Equal(StatusCode.DeadlineExceeded, error.StatusCode);
        await EventuallyAsync(() => server.Probe.Running == 0);
    }

    [Fact]
    public async Task TRN_5_Cancelling_reaches_methods_of_each_kind()
    {
        await using var server = await HostedServer.StartAsync();
        using var unary = server.Client.UnaryCallAsync(new UnaryRequest { Outcome = new Outcome { Message = "wait" } }, cancellationToken: Token);
        using var input = server.Client.StreamingInput(cancellationToken: Token);
        using var output = server.Client.StreamingOutput(new OutputRequest { Sizes = { 1 }, Hang = true }, cancellationToken: Token);
        using var duplex = server.Client.FullDuplex(cancellationToken: Token);
        await EventuallyAsync(() => server.Probe.Running == 4);
        unary.Dispose();
        input.Dispose();
        output.Dispose();
        duplex.Dispose();
        await EventuallyAsync(() => server.Probe.Running == 0);
        await EventuallyAsync(() => server.Probe.Disposed == 4);
    }

    [Fact]
    public async Task RBAC_1_Without_an_Allow_a_call_is_denied_and_no_object_is_made()
    {
        await using var server = await HostedServer.StartAsync<ClosedHandler>();
        var denied = await FailAsync(server.Client, new UnaryRequest());
        Assert.Equal(StatusCode.PermissionDenied, denied.StatusCode);
        Assert.Equal("no", denied.Trailers.GetValue("micro-executed"));
        using var json = await server.Http.PostAsync("/micro.interop.TestService/UnaryCall", Json("{}"), Token);
        Assert.Equal(HttpStatusCode.Forbidden, json.StatusCode);
        Assert.Equal(0, server.Probe.Calls);

        Assert.Equal(new Nothing(), await server.Client.EmptyCallAsync(new Nothing(), cancellationToken: Token));
        Assert.Equal(1, server.Probe.Calls);
    }

    [Fact]
    public async Task RBAC_1_Rules_of_a_method_replace_those_of_its_class()
    {
        await using var server = await HostedServer.StartAsync();
        var denied = await Assert.ThrowsAsync<RpcException>(async () => await server.Client.EmptyCallAsync(new Nothing(), cancellationToken: Token));
        Assert.Equal(StatusCode.PermissionDenied, denied.StatusCode);
        Assert.Equal((0, 0), (server.Probe.Made, server.Probe.Calls));
    }

    [Fact]
    public async Task A_class_may_inherit_its_methods_and_a_method_that_hides_one_is_not_taken_for_it()
    {
        await using var server = await HostedServer.StartAsync<DerivedHandler>();
        Assert.Equal(new UnaryReply(), await server.Client.UnaryCallAsync(new UnaryRequest(), cancellationToken: Token));
    }

    [Fact]
    public async Task RBAC_5_Methods_that_are_not_overridden_and_other_spellings_are_UNIMPLEMENTED()
    {
        await using var server = await HostedServer.StartAsync();
        var error = await Assert.ThrowsAsync<RpcException>(async () => await server.Client.MissingAsync(new Nothing(), cancellationToken: Token));
        Assert.Equal(StatusCode.Unimplemented, error.StatusCode);
        Assert.Equal("no", error.Trailers.GetValue("micro-executed"));
        using var json = await server.Http.PostAsync("/micro.interop.testService/UnaryCall", Json("{}"), Token);
        Assert.Equal(HttpStatusCode.NotFound, json.StatusCode);
    }

    [Fact]
    public async Task LIF_1_Draining_finishes_unary_calls_and_ends_streams_as_UNAVAILABLE()
    {
        var server = await HostedServer.StartAsync();
        using var stream = server.Client.StreamingOutput(new OutputRequest { Sizes = { 1 }, Hang = true }, cancellationToken: Token);
        Assert.True(await stream.ResponseStream.MoveNext(Token));
        using var unary = server.Client.UnaryCallAsync(new UnaryRequest { ReplySize = 3, Outcome = new Outcome { Message = "gate" } }, cancellationToken: Token);
        await EventuallyAsync(() => server.Probe.Running == 2);

        var probe = server.Probe;
        var stopping = server.App.StopAsync(Token);
        var ended = await Assert.ThrowsAsync<RpcException>(() => stream.ResponseStream.MoveNext(Token));
        Assert.Equal(StatusCode.Unavailable, ended.StatusCode);
        Assert.Contains("draining", ended.Status.Detail, StringComparison.Ordinal);
        var refused = await FailAsync(server.Client, new UnaryRequest());
        Assert.Equal((StatusCode.Unavailable, "no"), (refused.StatusCode, refused.Trailers.GetValue("micro-executed")));
        Assert.False(stopping.IsCompleted);
        probe.Gate.SetResult();
        Assert.Equal(3, (await unary).Payload.Length);
        await stopping.WaitAsync(TimeSpan.FromSeconds(20), Token);
        await server.DisposeAsync();
    }

    [Fact]
    public async Task Json_over_HTTP_is_that_of_the_proto()
    {
        await using var server = await HostedServer.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/micro.interop.TestService/UnaryCall") { Content = Json("{\"replySize\":3}") };
        request.Headers.Add("x-echo-initial", "initial");
        using var response = await server.Http.SendAsync(request, Token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("initial", response.Headers.GetValues("x-echo-initial").Single());
        Assert.Equal("AAAA", JsonDocument.Parse(await response.Content.ReadAsStringAsync(Token)).RootElement.GetProperty("payload").GetString());

        using var failed = await server.Http.PostAsync("/micro.interop.TestService/UnaryCall", Json("{\"outcome\":{\"code\":5,\"message\":\"nope\"}}"), Token);
        Assert.Equal((HttpStatusCode.NotFound, "application/problem+json"), (failed.StatusCode, failed.Content.Headers.ContentType?.MediaType));
        Assert.Contains("nope", await failed.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);

        using var wrong = await server.Http.PostAsync("/micro.interop.TestService/UnaryCall", Json("{\"replysize\":3}"), Token);
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);

        using var lines = await server.Http.PostAsync("/micro.interop.TestService/StreamingOutput", Json("{\"sizes\":[3,6]}"), Token);
        var read = (await lines.Content.ReadAsStringAsync(Token)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["AAAA", "AAAAAAAA"], read[..2].Select(line => JsonDocument.Parse(line).RootElement.GetProperty("payload").GetString()));
        Assert.Contains("$status", read[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_typed_client_of_Micro_finds_it_by_discovery()
    {
        await using var server = await HostedServer.StartAsync();
        var client = server.App.Services.GetRequiredService<ITestService>();
        var context = new CallContext(new CallOptions { Headers = new CallHeaders().Add("x-echo-initial", "initial").AddBinary("x-echo-trailing-bin", [1, 2]) }, Token);
        Assert.Equal(7, (await client.UnaryCallAsync(new UnaryRequest { ReplySize = 7 }, context)).Payload.Length);
        Assert.Equal("initial", context.ResponseHeaders["x-echo-initial"]);
        Assert.Equal<byte>([1, 2], context.ResponseTrailers.GetBinary("x-echo-trailing-bin")!);

        Assert.Equal([1, 2], await client.StreamingOutputAsync(new OutputRequest { Sizes = { 1, 2 } }, new CallContext(null, Token)).Select(one => one.Payload.Length).ToListAsync(Token));
        var inputs = new[] { 1, 2, 3 }.Select(size => new InputRequest { Payload = Bytes(size) }).ToAsyncEnumerable();
        Assert.Equal(6, (await client.StreamingInputAsync(inputs, new CallContext(null, Token))).TotalSize);
        var outputs = new[] { 4, 5 }.Select(size => new OutputRequest { Sizes = { size } }).ToAsyncEnumerable();
        Assert.Equal([4, 5], await client.FullDuplexAsync(outputs, new CallContext(null, Token)).Select(one => one.Payload.Length).ToListAsync(Token));
    }

    [Fact]
    public async Task It_is_registered_under_the_name_it_was_given()
    {
        await using var server = await HostedServer.StartAsync<ClosedHandler>(micro => micro.AddGrpcService<OneOfMissing>("lonely"));
        var description = await server.App.Services.GetRequiredService<ReflectionClient>().DescribeAsync("lonely", cancellationToken: Token);
        Assert.Equal("lonely", description.Contracts.Single(one => one.Name == "micro.interop.MissingService").Service);
        Assert.Equal("interop", description.Contracts.Single(one => one.Name == "micro.interop.TestService").Service);
    }

    [Fact]
    public async Task It_can_be_described_and_called_without_types()
    {
        await using var server = await HostedServer.StartAsync<ClosedHandler>();
        var services = server.App.Services;
        var contract = (await services.GetRequiredService<ReflectionClient>().DescribeAsync("interop", cancellationToken: Token))
            .Contracts.Single(one => one.Name == "micro.interop.TestService");
        Assert.Equal(["EmptyCall", "UnaryCall"], contract.Methods.Select(method => method.Name).Order());
        var unary = contract.Methods.Single(method => method.Name == "UnaryCall");
        Assert.Equal((CallKind.Unary, false), (unary.Kind, unary.Idempotent));
        Assert.Equal(
            """{"title":"UnaryRequest","type":"object","properties":{"replySize":{"type":"integer","format":"int32"},"payload":{"type":"string","contentEncoding":"base64"},"outcome":{"title":"Outcome","type":"object","properties":{"code":{"type":"integer","format":"int32"},"message":{"type":"string"}}}}}""",
            unary.Request.GetRawText());
        Assert.Equal([ContentTypes.Protobuf, ContentTypes.Json], unary.ContentTypes.Take(2));
        Assert.True(contract.Methods.Single(method => method.Name == "EmptyCall").Idempotent);

        var reply = await services.GetRequiredService<UntypedClient>().UnaryAsync(
            new CallSpec("interop", "micro.interop.TestService", "EmptyCall", CallKind.Unary), new RawMessage("{}"u8.ToArray()),
            new CallContext(new CallOptions { ContentType = ContentTypes.Json }), Token);
        Assert.Equal("{ }", Encoding.UTF8.GetString(reply.Bytes.Span));
    }

    [Fact]
    public async Task V14_Reflection_lists_it_and_not_its_neighbours_in_the_file()
    {
        await using var server = await HostedServer.StartAsync();
        using var call = new global::Grpc.Reflection.V1.ServerReflection.ServerReflectionClient(server.Channel).ServerReflectionInfo(cancellationToken: Token);
        await call.RequestStream.WriteAsync(new global::Grpc.Reflection.V1.ServerReflectionRequest { ListServices = "" }, Token);
        Assert.True(await call.ResponseStream.MoveNext(Token));
        var names = call.ResponseStream.Current.ListServicesResponse.Service.Select(service => service.Name).ToArray();
        Assert.Contains("micro.interop.TestService", names);
        Assert.DoesNotContain("micro.interop.MissingService", names);
        await call.RequestStream.WriteAsync(new global::Grpc.Reflection.V1.ServerReflectionRequest { FileContainingSymbol = "micro.interop.TestService" }, Token);
        Assert.True(await call.ResponseStream.MoveNext(Token));
        Assert.NotEmpty(call.ResponseStream.Current.FileDescriptorResponse.FileDescriptorProto);
        await call.RequestStream.CompleteAsync();
    }

    [Fact]
    public async Task Interceptors_run_around_it_and_may_leave_a_stream_early()
    {
        var taking = new TakeOne();
        await using var server = await HostedServer.StartAsync(micro => micro.AddInterceptor(_ => taking, CallSides.Server));
        Assert.Equal(2, (await server.Client.UnaryCallAsync(new UnaryRequest { ReplySize = 2 }, cancellationToken: Token)).Payload.Length);
        Assert.IsType<UnaryRequest>(taking.Request);
        Assert.IsType<UnaryReply>(taking.Response);

        // The method would hang; it is told that nobody reads any more.
        using var call = server.Client.StreamingOutput(new OutputRequest { Sizes = { 1, 2 }, Hang = true }, cancellationToken: Token);
        Assert.Single(await call.ResponseStream.ReadAllAsync(Token).ToListAsync(Token));
        await EventuallyAsync(() => server.Probe.Running == 0);
    }

    [Fact]
    public async Task A_response_that_cannot_be_sent_ends_a_method_that_waits_for_the_end_of_the_call()
    {
        await using var server = await HostedServer.StartAsync<TooMuchHandler>(
            micro => micro.Services.Configure<MicroServerOptions>(options => options.MaxMessageBytes = 5_000));
        using var call = server.Client.StreamingOutput(new OutputRequest(), cancellationToken: Token);
        var error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(Token).WaitAsync(TimeSpan.FromSeconds(20), Token));
        Assert.Equal(StatusCode.ResourceExhausted, error.StatusCode);
        Assert.IsType<InvalidOperationException>(await (ValueTask<Exception?>)server.Probe.Seen["write"]!);
        Assert.Equal(0, server.Probe.Running);
    }

    [Fact]
    public async Task Reads_and_writes_out_of_order_are_refused_and_those_left_behind_do_no_harm()
    {
        await using var server = await HostedServer.StartAsync<UnrulyHandler>();
        var seen = server.Probe.Seen;
        using var duplex = server.Client.FullDuplex(cancellationToken: Token);
        await EventuallyAsync(() => seen.ContainsKey("second read"));
        await duplex.RequestStream.WriteAsync(new OutputRequest(), Token);
        Assert.Single(await duplex.ResponseStream.ReadAllAsync(Token).ToListAsync(Token));
        Assert.Equal(StatusCode.OK, duplex.GetStatus().StatusCode);
        Assert.IsType<InvalidOperationException>(seen["second read"]);
        Assert.IsAssignableFrom<OperationCanceledException>(seen["given up"]);
        await Assert.ThrowsAsync<InvalidOperationException>(() => ((IAsyncStreamReader<OutputRequest>)seen["reader"]!).MoveNext(Token));
        await Assert.ThrowsAsync<InvalidOperationException>(() => ((IServerStreamWriter<OutputReply>)seen["writer"]!).WriteAsync(new OutputReply(), Token));

        using var output = server.Client.StreamingOutput(new OutputRequest(), cancellationToken: Token);
        Assert.Single(await output.ResponseStream.ReadAllAsync(Token).ToListAsync(Token));
        Assert.IsType<InvalidOperationException>(seen["second write"]);

        using var input = server.Client.StreamingInput(cancellationToken: Token);
        await input.RequestStream.WriteAsync(new InputRequest(), Token);
        await input.RequestStream.CompleteAsync();
        Assert.Equal(1, (await input).TotalSize);
    }

    [Fact]
    public async Task An_object_serves_one_call_unless_it_is_registered_otherwise()
    {
        await using (var server = await HostedServer.StartAsync())
        {
            await server.Client.UnaryCallAsync(new UnaryRequest(), cancellationToken: Token);
            await server.Client.UnaryCallAsync(new UnaryRequest(), cancellationToken: Token);
            await EventuallyAsync(() => server.Probe.Disposed == 2);
            Assert.Equal(2, server.Probe.Made);
        }

        await using var single = await HostedServer.StartAsync(micro => micro.Services.AddSingleton<HostedHandler>());
        await single.Client.UnaryCallAsync(new UnaryRequest(), cancellationToken: Token);
        await single.Client.UnaryCallAsync(new UnaryRequest(), cancellationToken: Token);
        Assert.Equal((1, 0), (single.Probe.Made, single.Probe.Disposed));
    }

    [Fact]
    public async Task A_method_sees_the_call_as_on_a_server_of_its_own()
    {
        await using var server = await HostedServer.StartAsync();
        await server.Client.UnaryCallAsync(new UnaryRequest { Outcome = new Outcome { Message = "look" } }, cancellationToken: Token);
        var seen = server.Probe.Seen;
        Assert.Equal("/micro.interop.TestService/UnaryCall", seen["method"]);
        Assert.Equal("/micro.interop.TestService/UnaryCall", seen["http"]);
        Assert.Equal("/micro.interop.TestService/UnaryCall", seen["current"]);
        Assert.Equal("interop", seen["host"]);
        Assert.Matches("^ipv4:127\\.0\\.0\\.1:[0-9]+$", (string)seen["peer"]!);
        Assert.Equal(DateTime.MaxValue, seen["deadline"]);
        Assert.Equal(false, seen["authenticated"]);
        Assert.IsType<HostedHandler>(seen["state"]);
        using var json = await server.Http.PostAsync("/micro.interop.TestService/UnaryCall", Json("{\"outcome\":{\"message\":\"look\"}}"), Token);
        Assert.Equal(HttpStatusCode.OK, json.StatusCode);
    }

    [Fact]
    public async Task Calls_are_traced()
    {
        var spans = new System.Collections.Concurrent.ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Micro",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await using var server = await HostedServer.StartAsync();
        await FailAsync(server.Client, new UnaryRequest { Outcome = new Outcome { Code = 15, Message = "traced" } });
        await EventuallyAsync(() => spans.Any(span =>
            span.Kind == ActivityKind.Server && span.OperationName == "micro.interop.TestService/UnaryCall" && Equals(span.GetTagItem("rpc.response.status_code"), "DATA_LOSS")));
    }

    [Fact]
    public async Task What_cannot_be_served_fails_at_start_with_its_name_and_what_to_do()
    {
        await FailsAsync(micro => micro.AddGrpc().AddGrpcService<NoService>(), "NoService", "Grpc.Tools", "Derive");
        await FailsAsync(micro => micro.AddGrpc().AddGrpcService<AbstractHandler>(), "AbstractHandler", "abstract");
        await FailsAsync(micro => micro.AddGrpc().AddGrpcService<EmptyHandler>(), "EmptyHandler", "overrides no method");
        await FailsAsync(micro => micro.AddGrpcService<HostedHandler>(), "HostedHandler", "AddGrpc()");
        await FailsAsync(
            micro => micro.AddGrpc().AddGrpcService<HostedHandler>().AddGrpcService<ClosedHandler>(), "HostedHandler", "ClosedHandler", "/micro.interop.TestService/");
        await FailsAsync(
            micro => micro.AddGrpc().AddService<ITestService>(new TestHandler()).AddGrpcService<ClosedHandler>(), "TestHandler", "ClosedHandler", "/micro.interop.TestService/");
        await FailsAsync(micro => micro.AddGrpc().AddGrpcService<OwnHealth>(), "/grpc.health.v1.Health/Check", "Leave that service out");
        Assert.IsAssignableFrom<ArgumentException>(await HostedServer.FailAsync(micro => micro.AddGrpc().AddGrpcService<HostedHandler>("no name")));

        static async Task FailsAsync(Action<IMicroBuilder> configure, params string[] parts)
        {
            var error = Assert.IsType<InvalidOperationException>(await HostedServer.FailAsync(configure));
            Assert.All(parts, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
        }
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));

    private static Task<RpcException> FailAsync(TestService.TestServiceClient client, UnaryRequest request) =>
        Assert.ThrowsAsync<RpcException>(async () => await client.UnaryCallAsync(request, cancellationToken: Token));

    /// <summary>Remembers what went by, and takes the first of a stream of responses only.</summary>
    private sealed class TakeOne : ICallInterceptor
    {
        public object? Request { get; private set; }

        public object? Response { get; private set; }

        public async ValueTask InvokeAsync(CallContext context, CallDelegate next)
        {
            Request = context.Request;
            await next(context);
            Response = context.Response;
            if (context.Response is IAsyncEnumerable<OutputReply> replies)
            {
                context.Response = replies.Take(1);
            }
        }
    }
}
