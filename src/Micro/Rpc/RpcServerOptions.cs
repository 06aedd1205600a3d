namespace Micro.Rpc;

/// <summary>Options of the calls a process serves, whatever the transport. Bound from <c>Micro:Server</c>; checked at start.</summary>
public sealed class RpcServerOptions
{
    /// <summary>Most calls handled at once; beyond it calls are refused with RESOURCE_EXHAUSTED, not processed. Default 10,000.</summary>
    public int MaxConcurrentCalls { get; set; } = 10_000;

    /// <summary>A streaming call with no message either way for this long is ended with DEADLINE_EXCEEDED. Default 5 min; infinite: never.</summary>
    public TimeSpan StreamIdleTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Between deregistering and refusing new calls at shutdown, so that callers hear of it first. Default 500 ms.</summary>
    public TimeSpan DrainDelay { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// How long calls in flight may go on at shutdown before they are cancelled. Default 20 s; keep it below the host's shutdown timeout (30 s).
    /// Streams are told at once: they end with UNAVAILABLE "draining".
    /// </summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(20);
}
