namespace Micro.Transport.Http;

/// <summary>Options of the client half of the http transport. Bound from <c>Micro:Http</c>; checked at start.</summary>
public sealed class HttpTransportOptions
{
    /// <summary>Largest message taken from a server, in bytes; a larger one ends its call with RESOURCE_EXHAUSTED. Default 4 MiB.</summary>
    public int MaxMessageBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>Time to establish a TCP connection. After it the call is UNAVAILABLE and not processed. Default 5 s.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long an unused TCP connection is kept. Default 60 s, below the 130 s after which Kestrel closes it.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Most TCP connections to one address, WebSockets included; further calls wait for one to be free. Default 1024.</summary>
    public int MaxConnections { get; set; } = 1024;
}
