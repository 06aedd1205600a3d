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

    // The boundaries that the conventions give for durations of calls.
    private static readonly InstrumentAdvice<double> Buckets =
        new() { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] };

    private static readonly string[] Codes = [.. Enum.GetValues<CallStatusCode>().Select(ToText)];

    private readonly Histogram<double> _clientDuration;
    private readonly Histogram<double> _serverDuration;
    private readonly TimeProvider _clock;

    /// <param name="meters">The host's, so that listeners can tell hosts of one process apart; null in a host without metrics.</param>
    /// <param name="clock">The clock of the durations.</param>
    public CallTelemetry(IMeterFactory? meters, TimeProvider clock)
    {
        var meter = meters?.Create(Name) ?? new Meter(Name);
        _clientDuration = meter.CreateHistogram("rpc.client.call.duration", "s", "Duration of outgoing calls, all attempts included.", advice: Buckets);
        _serverDuration = meter.CreateHistogram("rpc.server.call.duration", "s", "Duration of incoming calls.", advice: Buckets);
        _clock = clock;
    }

    /// <summary>A code as it is written on the wire and in telemetry, e.g. <c>NOT_FOUND</c>.</summary>
    public static string Text(CallStatusCode code) => Codes[(int)code];

    public CallSpan StartClient(CallSpec spec)
    {
        var activity = Source.HasListeners() ? Source.StartActivity(spec.FullName, ActivityKind.Client) : null;
        return Start(spec, activity, _clientDuration, isServer: false);
    }

    public CallSpan StartServer(CallSpec spec, string? traceParent, string? traceState)
    {
        Activity? activity = null;
        if (Source.HasListeners())
        {
            // A context that does not parse is as good as none: the call gets a trace of its own.
            _ = ActivityContext.TryParse(traceParent, traceState, isRemote: true, out var parent);
            activity = Source.StartActivity(spec.FullName, ActivityKind.Server, parent);
        }

        return Start(spec, activity, _serverDuration, isServer: true);
    }

    private static string ToText(CallStatusCode code) =>
        string.Concat(code.ToString().Select((c, i) => i > 0 && char.IsUpper(c) ? $"_{c}" : $"{char.ToUpperInvariant(c)}"));

    /// <summary>
    /// On a client every failure is an error. On a server only what is the server's own: a caller that asks for what is not there is no fault of it. Source: the
    /// conventions for gRPC.
    /// </summary>
    private static bool IsError(CallStatusCode code, bool isServer) => code != CallStatusCode.Ok
        && (!isServer || code is CallStatusCode.Unknown or CallStatusCode.DeadlineExceeded or CallStatusCode.Unimplemented
            or CallStatusCode.Internal or CallStatusCode.Unavailable or CallStatusCode.DataLoss);

    private CallSpan Start(CallSpec spec, Activity? activity, Histogram<double> duration, bool isServer)
    {
        if (activity is { IsAllDataRequested: true })
        {
            activity.SetTag("rpc.system.name", "micro");
            activity.SetTag("rpc.method", spec.FullName);
            activity.SetTag("rpc.service", spec.Service);
        }

        var measured = duration.Enabled;
        return new CallSpan(spec, activity, measured ? duration : null, measured ? _clock.GetTimestamp() : 0, measured ? _clock : null, isServer);
    }

    /// <summary>One call being measured; ended once.</summary>
    public readonly struct CallSpan(CallSpec spec, Activity? activity, Histogram<double>? duration, long started, TimeProvider? clock, bool isServer)
    {
        public Activity? Activity => activity;

        public void Stop(CallStatusCode code)
        {
            var isError = IsError(code, isServer);
            if (duration is not null)
            {
                Measure(code, isError);
            }

            if (activity is null)
            {
                return;
            }

            activity.SetTag("rpc.response.status_code", Text(code));
            if (isError)
            {
                activity.SetStatus(ActivityStatusCode.Error, Text(code));
                activity.SetTag("error.type", Text(code));
            }

            activity.Dispose();
        }

        private void Measure(CallStatusCode code, bool isError)
        {
            var tags = new TagList
            {
                { "rpc.system.name", "micro" },
                { "rpc.method", spec.FullName },
                { "rpc.response.status_code", Text(code) },
            };
            if (isError)
            {
                tags.Add("error.type", Text(code));
            }

            duration!.Record(clock!.GetElapsedTime(started).TotalSeconds, tags);
        }
    }
}
