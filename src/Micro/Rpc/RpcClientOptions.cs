using Micro.LoadBalancing;

namespace Micro.Rpc;

/// <summary>
/// Options of the calls a process makes. Bound from <c>Micro:Client</c> for all services and from <c>Micro:Clients:&lt;service&gt;</c> for one, in that order;
/// checked at start.
/// </summary>
public sealed class RpcClientOptions
{
    /// <summary>Time for a unary or client-stream call, all attempts included. Default 5 s; <see cref="System.Threading.Timeout.InfiniteTimeSpan"/>: none.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>A server stream or duplex call with no message either way for this long ends with DEADLINE_EXCEEDED. Default 5 min; infinite: never.</summary>
    public TimeSpan StreamIdleTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Most attempts of a call, 1 to 5. Default 3. A call is only sent again when that is safe.</summary>
    public int MaxAttempts { get; set; } = 3;

    /// <summary>Wait before the first retry of a call that may have reached a server; grows by 1.6 up to 1 s, ±20 %. Default 50 ms.</summary>
    public TimeSpan RetryBackoff { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Name of the balancer, see <see cref="LoadBalancers"/>. Default <c>random</c>.</summary>
    public string LoadBalancer { get; set; } = LoadBalancers.Random;

    /// <summary>Content type to send; null: what the contract's messages are made for (protobuf messages: protobuf; others: JSON).</summary>
    public string? ContentType { get; set; }

    /// <summary>True: a call waits for an instance until its deadline, instead of failing at once when there is none. Default false.</summary>
    public bool WaitForReady { get; set; }

    /// <summary>
    /// Who has to answer, as a SPIFFE id: for a service of another namespace or trust domain. Default null: the service's name in this process's own trust domain and
    /// namespace (<c>Micro:Security</c>). An instance that cannot prove to be it is not called.
    /// </summary>
    public string? Identity { get; set; }

    /// <summary>Only instances of this version are called. Default null: all.</summary>
    public string? Version { get; set; }

    /// <summary>Only instances with these metadata are called. Default: all.</summary>
    public IDictionary<string, string> Metadata { get; } = new Dictionary<string, string>();

    /// <summary>Most bytes of a streamed request that are kept to send it again elsewhere, per call. Default 1 MiB (LB-7, as grpc-dotnet).</summary>
    public int RetryBufferBytes { get; set; } = 1024 * 1024;
}
