using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Micro.Rpc;

/// <summary>
/// Spans and metrics of calls under OpenTelemetry's names (semantic conventions for RPC). Costs two flag reads a call while nobody listens.
/// </summary>
internal sealed class CallTelemetry
{
    public const string Name = "Micro";

    private static readonly ActivitySource Source = new(Name);
    private static readonly string[] Codes = [.. Enum.GetValues<CallStatusCode>().Select(ToText)];

    private readonly Histogram<double> _clientDuration;
    private readonly Histogram<double> _serverDuration;
    private readonly TimeProvider _clock;

    /// <param name="meters">The host's, so that listeners can tell hosts of one process apart; null in a host without metrics.</param>
    /// <param name="clock">The clock of the durations.</param>
    public CallTelemetry(IMeterFactory? meters, TimeProvider clock)
    {
        var meter = meters?.Create(Name) ?? new Meter(Name);
        _clientDuration = meter.CreateHistogram<double>("rpc.client.call.duration", "s", "Duration of outgoing calls, all attempts included.");
        _serverDuration = meter.CreateHistogram<double>("rpc.server.call.duration", "s", "Duration of incoming calls.");
        _clock = clock;
    }

    /// <summary>A code as it is written on the wire and in telemetry, e.g. <c>NOT_FOUND</c>.</summary>
    public static string Text(CallStatusCode code) => Codes[(int)code];

    public CallSpan StartClient(CallSpec spec)
    {
        var activity = Source.HasListeners() ? Source.StartActivity(spec.Path[1..], ActivityKind.Client) : null;
        return Start(spec, activity, _clientDuration);
    }

    public CallSpan StartServer(CallSpec spec, string? traceParent, string? traceState)
    {
        Activity? activity = null;
        if (Source.HasListeners())
        {
            // A context that does not parse is as good as none: the call gets a trace of its own.
            _ = ActivityContext.TryParse(traceParent, traceState, isRemote: true, out var parent);
            activity = Source.StartActivity(spec.Path[1..], ActivityKind.Server, parent);
        }

        return Start(spec, activity, _serverDuration);
    }

    private static string ToText(CallStatusCode code) =>
        string.Concat(code.ToString().Select((c, i) => i > 0 && char.IsUpper(c) ? $"_{c}" : $"{char.ToUpperInvariant(c)}"));

    private CallSpan Start(CallSpec spec, Activity? activity, Histogram<double> duration)
    {
        if (activity is { IsAllDataRequested: true })
        {
            activity.SetTag("rpc.system.name", "micro");
            activity.SetTag("rpc.method", spec.Path[1..]);
            activity.SetTag("rpc.service", spec.Service);
        }

        return new CallSpan(spec, activity, duration.Enabled ? duration : null, duration.Enabled ? _clock.GetTimestamp() : 0, _clock);
    }

    /// <summary>One call being measured; ended once.</summary>
    public readonly struct CallSpan(CallSpec spec, Activity? activity, Histogram<double>? duration, long started, TimeProvider clock)
    {
        public Activity? Activity => activity;

        public void Stop(CallStatusCode code)
        {
            duration?.Record(
                clock.GetElapsedTime(started).TotalSeconds,
                new("rpc.system.name", "micro"),
                new("rpc.method", spec.Path[1..]),
                new("rpc.response.status_code", Text(code)));
            if (activity is null)
            {
                return;
            }

            activity.SetTag("rpc.response.status_code", Text(code));
            if (code != CallStatusCode.Ok)
            {
                activity.SetStatus(ActivityStatusCode.Error, Text(code));
                activity.SetTag("error.type", Text(code));
            }

            activity.Dispose();
        }
    }
}
