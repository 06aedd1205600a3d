using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Micro.Hosting;
using Micro.Rpc;
using Micro.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Micro.Tests.Rpc;

/// <summary>Spans and metrics under OpenTelemetry's names.</summary>
[Collection(AloneCollection.Name)]
public sealed class TelemetryTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(CallKind.Unary, "probe.Probe/Echo")]
    [InlineData(CallKind.ServerStream, "probe.Probe/Count")]
    [InlineData(CallKind.ClientStream, "probe.Probe/Sum")]
    [InlineData(CallKind.Duplex, "probe.Probe/Talk")]
    public async Task Client_and_server_span_are_parent_and_child_in_the_callers_trace(CallKind kind, string name)
    {
        await using var hosts = new ProbeHosts();
        await hosts.ServeAsync(new Probe());
        var client = await hosts.ClientAsync();
        using var spans = new Spans();
        using var around = new Activity("around").SetIdFormat(ActivityIdFormat.W3C).Start();
        around.TraceStateString = "vendor=1";
        await CallAsync(client, kind);
        Assert.Same(around, Activity.Current);
        await Wait.UntilAsync(() => spans.Ended.Count == 2, "both spans ended");
        var inner = spans.Ended.Single(span => span.Kind == ActivityKind.Server);
        var outer = spans.Ended.Single(span => span.Kind == ActivityKind.Client);
        Assert.Equal(around.TraceId, outer.TraceId);
        Assert.Equal(around.SpanId, outer.ParentSpanId);
        Assert.Equal(around.TraceId, inner.TraceId);
        Assert.Equal(outer.SpanId, inner.ParentSpanId);
        Assert.True(inner.HasRemoteParent);
        Assert.Equal("vendor=1", inner.TraceStateString);
        Assert.All([outer, inner], span =>
        {
            Assert.Equal(name, span.DisplayName);
            Assert.Equal("micro", span.GetTagItem("rpc.system.name"));
            Assert.Equal(name, span.GetTagItem("rpc.method"));
            Assert.Equal("OK", span.GetTagItem("rpc.response.status_code"));
            Assert.Null(span.GetTagItem("error.type"));
            Assert.Equal(ActivityStatusCode.Unset, span.Status);
        });
    }

    [Fact]
    public async Task A_call_made_while_handling_one_is_in_its_trace()
    {
        await using var hosts = new ProbeHosts();
        await hosts.ServeAsync(new Probe());
        var backend = await hosts.ClientAsync();
        await using var front = new ProbeHosts();
        await front.ServeAsync(new Probe { OnCall = (request, _) => backend.EchoAsync(request) });
        var client = await front.ClientAsync();
        using var spans = new Spans();
        await client.EchoAsync(new("x"), Token);
        await Wait.UntilAsync(() => spans.Ended.Count == 4, "all spans ended");
        Assert.Single(spans.Ended.Select(span => span.TraceId).Distinct());
        var parents = spans.Ended.ToDictionary(span => span.SpanId, span => span.ParentSpanId);
        Assert.Single(parents.Values, parent => parent == default);
        Assert.Equal(3, parents.Values.Count(parents.ContainsKey));
    }

    [Fact]
    public async Task Failures_are_errors_of_the_client_and_of_the_server_only_when_they_are_its_own()
    {
        await using var hosts = new ProbeHosts();
        var code = CallStatusCode.NotFound;
        await hosts.ServeAsync(new Probe { OnCall = (_, _) => throw new CallException(code, "no") });
        var client = await hosts.ClientAsync(options => options.MaxAttempts = 1);
        using var spans = new Spans();
        await Assert.ThrowsAsync<CallException>(() => client.EchoAsync(new("x"), Token));
        code = CallStatusCode.DataLoss;
        await Assert.ThrowsAsync<CallException>(() => client.EchoAsync(new("x"), Token));
        await Wait.UntilAsync(() => spans.Ended.Count == 4, "all spans ended");
        Check(ActivityKind.Client, "NOT_FOUND", isError: true);
        Check(ActivityKind.Server, "NOT_FOUND", isError: false);
        Check(ActivityKind.Client, "DATA_LOSS", isError: true);
        Check(ActivityKind.Server, "DATA_LOSS", isError: true);

        void Check(ActivityKind kind, string text, bool isError)
        {
            var span = Assert.Single(spans.Ended, span => span.Kind == kind && Equals(span.GetTagItem("rpc.response.status_code"), text));
            Assert.Equal(isError ? ActivityStatusCode.Error : ActivityStatusCode.Unset, span.Status);
            Assert.Equal(isError ? text : null, span.GetTagItem("error.type"));
        }
    }

    [Fact]
    public async Task A_trace_context_that_is_not_one_begins_a_new_trace()
    {
        await using var hosts = new ProbeHosts();
        var host = await hosts.ServeAsync(new Probe());
        using var spans = new Spans();
        var raw = new RawCall("{\"text\":\"x\"}");
        var call = raw.To("/probe.Probe/Echo");
        await host.AcceptAsync(new Micro.Transport.IncomingCall
        {
            Path = call.Path, ContentType = call.ContentType, Headers = call.Headers, Stream = raw, Transport = "inproc", TraceParent = "00-rubbish", TraceState = "\0",
        });
        Assert.True(raw.Outcome!.Status.IsOk);
        var span = Assert.Single(spans.Ended);
        Assert.Equal(default, span.ParentSpanId);
        Assert.NotEqual(default, span.TraceId);
    }

    [Fact]
    public async Task Durations_are_recorded_once_for_each_call_with_the_code()
    {
        await using var hosts = new ProbeHosts();
        var fail = false;
        await hosts.ServeAsync(
            new Probe { OnCall = (request, _) => fail ? throw new CallException(CallStatusCode.Unavailable, "no") : Task.FromResult(new ProbeReply(request.Text, 0)) },
            micro => micro.Services.AddMetrics());
        var client = await hosts.ClientAsync(options => options.RetryBackoff = TimeSpan.FromMilliseconds(1), micro => micro.Services.AddMetrics());
        var records = new ConcurrentQueue<(string Name, string? Unit, double Value, Dictionary<string, object?> Tags)>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == "Micro")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) =>
            records.Enqueue((instrument.Name, instrument.Unit, value, tags.ToArray().ToDictionary())));
        listener.Start();
        await client.RepeatAsync(new("x"), new CallContext(null, Token));
        fail = true;
        await Assert.ThrowsAsync<CallException>(() => client.RepeatAsync(new("x"), new CallContext(null, Token)));
        Assert.Empty(await client.CountAsync(new("x"), Token).ToListAsync(Token));
        await Wait.UntilAsync(() => records.Count >= 8, "all durations are recorded");

        Assert.Equal(8, records.Count);
        Assert.All(records, record =>
        {
            Assert.Equal("s", record.Unit);
            Assert.InRange(record.Value, 0, 10);
            Assert.Equal("micro", record.Tags["rpc.system.name"]);
        });
        Assert.Equal(
            ["probe.Probe/Count OK", "probe.Probe/Repeat OK", "probe.Probe/Repeat UNAVAILABLE UNAVAILABLE"],
            Texts("rpc.client.call.duration"));
        Assert.Equal(
            ["probe.Probe/Count OK", "probe.Probe/Repeat OK", .. Enumerable.Repeat("probe.Probe/Repeat UNAVAILABLE UNAVAILABLE", 3)],
            Texts("rpc.server.call.duration"));

        IEnumerable<string> Texts(string name) => records.Where(record => record.Name == name)
            .Select(record => $"{record.Tags["rpc.method"]} {record.Tags["rpc.response.status_code"]} {record.Tags.GetValueOrDefault("error.type")}".Trim())
            .Order(StringComparer.Ordinal);
    }

    [Fact]
    public void With_no_listener_nothing_is_allocated()
    {
        var telemetry = new CallTelemetry(null, TimeProvider.System);
        var spec = new CallSpec("probe", "probe.Probe", "Echo", CallKind.Unary);
        Measure();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Measure();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Measure()
        {
            for (var i = 0; i < 100; i++)
            {
                telemetry.StartClient(spec).Stop(CallStatusCode.Ok);
                telemetry.StartServer(spec, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", null).Stop(CallStatusCode.Internal);
            }
        }
    }

    [Theory]
    [InlineData(CallStatusCode.Ok, "OK")]
    [InlineData(CallStatusCode.InvalidArgument, "INVALID_ARGUMENT")]
    [InlineData(CallStatusCode.Unauthenticated, "UNAUTHENTICATED")]
    [InlineData(CallStatusCode.DataLoss, "DATA_LOSS")]
    public void Codes_are_written_as_on_the_wire(CallStatusCode code, string text) => Assert.Equal(text, CallTelemetry.Text(code));

    private static async Task CallAsync(IProbe client, CallKind kind)
    {
        var items = new[] { new ProbeItem("a", 1), new ProbeItem("b", 2) }.ToAsyncEnumerable();
        switch (kind)
        {
            case CallKind.Unary:
                await client.EchoAsync(new("x"), Token);
                break;
            case CallKind.ServerStream:
                await client.CountAsync(new("x", 3), Token).CountAsync(Token);
                break;
            case CallKind.ClientStream:
                await client.SumAsync(items, Token);
                break;
            default:
                await client.TalkAsync(items, Token).CountAsync(Token);
                break;
        }
    }

    /// <summary>Keeps every span of Micro that ended.</summary>
    private sealed class Spans : IDisposable
    {
        private readonly ActivityListener _listener;

        public Spans()
        {
            _listener = new ActivityListener
            {
                ShouldListenTo = source => source.Name == "Micro",
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
                ActivityStopped = Ended.Enqueue,
            };
            ActivitySource.AddActivityListener(_listener);
        }

        public ConcurrentQueue<Activity> Ended { get; } = new();

        public void Dispose() => _listener.Dispose();
    }
}
