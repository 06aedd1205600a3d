namespace Micro.AspNetCore.Http;

/// <summary>Options of the server half of the http transport. Limits of connections, headers and rates are Kestrel's own.</summary>
internal sealed class HttpServerOptions
{
    /// <summary>Largest message either way, in bytes; a larger one ends its call with RESOURCE_EXHAUSTED. Default 4 MiB.</summary>
    public int MaxMessageBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>
    /// How long a WebSocket whose call has ended is kept for the caller to read the outcome and close. Default 5 s.
    /// </summary>
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(5);
}
