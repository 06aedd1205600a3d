using Micro.Codecs;
using Micro.Transport;
using Xunit;

namespace Micro.Testing.Transport;

#pragma warning disable CS1591 // The names of the cases say what they prove.

public abstract partial class TransportConformance
{
    private protected static readonly CallSpec[] AllKinds =
        [ScriptedAcceptor.Unary, ScriptedAcceptor.ServerStream, ScriptedAcceptor.ClientStream, ScriptedAcceptor.Duplex];

    [Fact(Timeout = Limit)]
    public async Task K24_Request_headers_reach_the_handler_on_every_kind()
    {
        CallHeaders? seen = null;
        await ForEachKindAsync(
            call => seen = call.Headers,
            spec => Call(spec, Sample()),
            _ => AssertSample(seen!));
    }

    [Fact(Timeout = Limit)]
    public async Task K24_Response_headers_and_trailers_reach_the_caller_on_every_kind()
    {
        foreach (var spec in AllKinds)
        {
            var acceptor = new ScriptedAcceptor().On(spec, async call =>
            {
                using var request = await TakeAsync(call);
                (await call.Stream.HeadersAsync(call.Aborted)).Merge(Sample());
                await call.Stream.WriteAsync(request.Memory, call.Aborted);
                return new CallEnd(CallStatus.Ok, Sample().Add("x-last", "1"));
            });
            await using var rig = await StartAsync(acceptor, Token);
            await using var connection = rig.Connect();

            var reply = await CallStreamAsync(connection, Call(spec), Message(1));

            reply.Message?.Dispose();
            Assert.Equal(CallStatus.Ok, reply.End.Status);
            AssertSample(reply.Headers!);
            Assert.False(reply.Headers!.Contains("x-last"));
            AssertSample(reply.End.Trailers!);
            Assert.Equal("1", reply.End.Trailers!["x-last"]);
        }
    }

    [Fact(Timeout = Limit)]
    public async Task K24_Trailers_of_a_failed_call_reach_the_caller()
    {
        var acceptor = new ScriptedAcceptor().On(ScriptedAcceptor.Unary, async call =>
        {
            using var request = await TakeAsync(call);
            return new CallEnd(new CallStatus(CallStatusCode.NotFound, "No."), Sample());
        });
        await using var rig = await StartAsync(acceptor, Token);
        await using var connection = rig.Connect();

        var reply = await CallStreamAsync(connection, Call(ScriptedAcceptor.Unary), Message(1));

        Assert.Equal(new CallStatus(CallStatusCode.NotFound, "No."), reply.End.Status);
        AssertSample(reply.End.Trailers!);
    }

    [Fact(Timeout = Limit)]
    public async Task TRN_10_No_reserved_header_reaches_the_handler()
    {
        CallHeaders? seen = null;
        await ForEachKindAsync(
            call => seen = call.Headers,
            spec => Call(spec, Sample()) with { Timeout = TimeSpan.FromSeconds(9), PreviousAttempts = 1, TraceParent = TraceParent, TraceState = "a=b" },
            _ =>
            {
                Assert.DoesNotContain(seen!, header => CallHeaders.IsReserved(header.Key) || header.Key.Any(char.IsUpper));
                Assert.DoesNotContain(seen!, header => header.Key is "traceparent" or "tracestate" or "timeout" or "accept");
            });
    }

    [Fact]
    public void TRN_10_Callers_cannot_set_reserved_names_or_break_lines()
    {
        foreach (var name in new[] { "grpc-status", "Grpc-Timeout", "micro-executed", "content-type", "Transfer-Encoding", "host", ":path", "a b", "" })
        {
            Assert.ThrowsAny<ArgumentException>(() => new CallHeaders().Add(name, "x"));
        }

        foreach (var value in new[] { "a\rb", "a\nb", "a\0b", "é" })
        {
            Assert.Throws<ArgumentException>(() => new CallHeaders().Add("x-ok", value));
        }
    }

    [Fact(Timeout = Limit)]
    public async Task TRN_4_The_deadline_arrives_as_the_time_left()
    {
        TimeSpan? seen = null;
        foreach (var timeout in new[] { TimeSpan.FromMilliseconds(1500), TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(90), TimeSpan.FromDays(30) })
        {
            await ForEachKindAsync(
                call => seen = call.Timeout,
                spec => Call(spec) with { Timeout = timeout },
                _ => Assert.InRange(seen!.Value, (timeout - TimeSpan.FromSeconds(1)) * 0.99, (timeout + TimeSpan.FromMilliseconds(1)) * 1.01));
        }

        await ForEachKindAsync(call => seen = call.Timeout, spec => Call(spec), _ => Assert.Null(seen));
    }

    [Fact(Timeout = Limit)]
    public async Task TRN_11_Attempts_trace_path_and_content_type_arrive()
    {
        IncomingCall? seen = null;
        await ForEachKindAsync(
            call => seen = call,
            spec => Call(spec) with { PreviousAttempts = 2, TraceParent = TraceParent, TraceState = "vendor=1" },
            spec =>
            {
                Assert.Equal(spec.Path, seen!.Path);
                Assert.Equal(ContentType, seen.ContentType);
                Assert.Equal(ContentType, seen.Accept ?? seen.ContentType);
                Assert.Equal(2, seen.PreviousAttempts);
                Assert.Equal(TraceParent, seen.TraceParent);
                Assert.Equal("vendor=1", seen.TraceState);
                Assert.False(seen.Aborted.IsCancellationRequested && seen.Stream.End is null);
            });
        await using var rig = await StartAsync(new ScriptedAcceptor(), Token);
        Assert.Equal(rig.Client.Scheme, seen!.Transport);
        Assert.Equal(rig.Client.Scheme, MicroAddress.Transport(rig.Address));
    }

    [Fact(Timeout = Limit)]
    public async Task TRN_3_The_unary_capability_does_what_the_stream_does()
    {
        var acceptor = new ScriptedAcceptor().On(ScriptedAcceptor.Unary, async call =>
        {
            using var request = await TakeAsync(call);
            AssertSample(call.Headers);
            Assert.Equal(1, call.PreviousAttempts);
            Assert.Equal(TraceParent, call.TraceParent);
            Assert.InRange(call.Timeout!.Value, TimeSpan.FromSeconds(25), TimeSpan.FromSeconds(30));
            if (NumberOf(request) == 1)
            {
                throw new CallException(new CallStatus(CallStatusCode.Aborted, "Zwölf \"Boxkämpfer\"\n", [new("type/x", new byte[] { 1, 2 })]));
            }

            (await call.Stream.HeadersAsync(call.Aborted)).Merge(Sample());
            await call.Stream.WriteAsync(request.Memory, call.Aborted);
            return new CallEnd(CallStatus.Ok, Sample());
        });
        await using var rig = await StartAsync(acceptor, Token);
        await using var connection = rig.Connect();
        var unary = UnaryOf(connection);
        var outgoing = Call(ScriptedAcceptor.Unary, Sample()) with { Timeout = TimeSpan.FromSeconds(30), PreviousAttempts = 1, TraceParent = TraceParent };
        for (var i = 0; i < 2; i++)
        {
            var fast = await unary.CallAsync(outgoing, Message(i), Token);
            var slow = await CallStreamAsync(connection, outgoing, Message(i));

            Assert.Equal(slow.End.Status, fast.End.Status);
            Assert.Equal(slow.End.Trailers ?? [], fast.End.Trailers ?? []);
            Assert.Equal(slow.Message?.Memory.ToArray(), fast.Message?.Memory.ToArray());
            Assert.Equal(i == 0, fast.Message is not null);
            if (i == 0)
            {
                AssertSample(fast.Headers!);
                AssertSample(fast.End.Trailers!);
            }

            fast.Message?.Dispose();
            slow.Message?.Dispose();
        }
    }

    private const string TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private static CallHeaders Sample() => new CallHeaders()
        .Add("X-Name", "value with spaces, and a comma").Add("x-many", "one").Add("x-many", "two").AddBinary("x-blob-bin", [0, 255, 10, 13, 200]);

    private static void AssertSample(CallHeaders headers)
    {
        Assert.Equal("value with spaces, and a comma", headers["x-name"]);

        // Values of one name may arrive joined: HTTP and gRPC hold both for the same.
        Assert.Equal("one, two", string.Join(", ", headers.GetAll("x-many")).Replace(",two", ", two", StringComparison.Ordinal));
        Assert.Equal([0, 255, 10, 13, 200], headers.GetBinary("x-blob-bin")!);
    }

    private async Task ForEachKindAsync(Action<IncomingCall> observe, Func<CallSpec, OutgoingCall> make, Action<CallSpec> check)
    {
        ValueTask<CallEnd> Script(IncomingCall call)
        {
            observe(call);
            return EchoOnceAsync(call);
        }

        var acceptor = new ScriptedAcceptor();
        Array.ForEach(AllKinds, spec => acceptor.On(spec, Script));
        await using var rig = await StartAsync(acceptor, Token);
        await using var connection = rig.Connect();
        foreach (var spec in AllKinds)
        {
            var reply = await CallStreamAsync(connection, make(spec), Message(1));
            reply.Message?.Dispose();
            Assert.Equal(CallStatus.Ok, reply.End.Status);
            check(spec);
        }
    }
}
