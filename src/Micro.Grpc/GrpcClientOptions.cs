namespace Micro.Grpc;

/// <summary>Options of the grpc client transport. Bound from <c>Micro:Grpc</c>; checked at start.</summary>
public sealed class GrpcClientOptions
{
    /// <summary>Largest response message, in bytes, compressed or not. Larger ones end the call with RESOURCE_EXHAUSTED. Default 4 MiB.</summary>
    public int MaxReceiveMessageBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>Largest request message, in bytes. Larger ones are not sent: RESOURCE_EXHAUSTED. Default 4 MiB.</summary>
    public int MaxSendMessageBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>How long connecting a socket may take. Default 5 s.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Silence of the peer after which it is pinged, with open calls or without. With <see cref="KeepAlivePingTimeout"/> it bounds how long a dead peer
    /// goes unnoticed, to which SocketsHttpHandler adds up to a second for each, as often as it looks. Default 4 s. Servers that police pings (grpc-go's default allows one in 5 minutes) need a larger value here.
    /// </summary>
    public TimeSpan KeepAlivePingDelay { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>How long a ping may stay unanswered before the socket is given up and its calls end with UNAVAILABLE. Default 4 s.</summary>
    public TimeSpan KeepAlivePingTimeout { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>Unused sockets are closed after this time. Default 90 s.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(90);

    /// <summary>
    /// Most calls open at once to one address; more wait their turn. A socket carries 90 of them, so it bounds the sockets to 112 an address. Default 10,000.
    /// </summary>
    public int MaxConcurrentCalls { get; set; } = 10_000;
}
