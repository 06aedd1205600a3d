namespace Micro.Grpc.Security;

/// <summary>Options of credentials from a SPIFFE Workload API. Bound from <c>Micro:Security:Workload</c>; checked at start.</summary>
public sealed class WorkloadApiOptions
{
    /// <summary>
    /// Where the agent listens: <c>unix:///run/spire/agent.sock</c>, or <c>tcp://127.0.0.1:8000</c> with an address instead of a name. Null or empty, the default, takes
    /// the environment variable <c>SPIFFE_ENDPOINT_SOCKET</c>. Source: SPIFFE_Workload_Endpoint.md, section 4.
    /// </summary>
    public string? Endpoint { get; set; }

    /// <summary>
    /// How long the host waits for the first credentials when it starts, and a new stream for its first message. Default 10 s; from 100 ms to 10 minutes. An agent that is
    /// not there yet, or does not know this process yet, is asked again until then.
    /// </summary>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(10);
}
