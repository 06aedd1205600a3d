namespace Micro.AspNetCore.Hosting;

/// <summary>
/// Options of the web server's part in serving calls. <see cref="Listen"/>, <see cref="Advertise"/> and <see cref="Edge"/> are bound from <c>Micro:Listen</c>,
/// <c>Micro:Advertise</c> and <c>Micro:Edge:Listen</c> (an array, or one text with <c>;</c> between), the certificate of the edge from <c>Micro:Edge</c>, the rest from
/// <c>Micro:Server</c>. Checked at start. Every limit is finite by default.
/// </summary>
public sealed class MicroServerOptions
{
    /// <summary>
    /// Where to listen on the mesh: <c>grpc://127.0.0.1:5001</c>, <c>grpc+unix:///run/greeter.sock</c>. It is TLS with a certificate on both sides, and one port takes both
    /// grpc and http, whichever it is written with. Port 0 takes any free one. <c>+insecure</c> is plaintext, which has to be allowed (<c>Micro:Security:Insecure</c>) and
    /// takes a port for each of both. <c>host</c> opens nothing: calls are served on the endpoints the host configures itself. Default (when empty): one port on 127.0.0.1.
    /// </summary>
    public IList<string> Listen { get; } = [];

    /// <summary>
    /// Under which addresses peers find this process: whole addresses (a port of 0 or none means the one listened on), or host names that replace the host of
    /// every address listened on. Needed when listening on a wildcard, which is never advertised. Default: what is listened on.
    /// </summary>
    public IList<string> Advertise { get; } = [];

    /// <summary>
    /// Where to listen for callers from outside of the mesh: <c>grpc://0.0.0.0:8443</c>, also for http. TLS with a certificate of the server alone; who calls is said by a
    /// token, or nobody. Never registered. Default: nowhere.
    /// </summary>
    public IList<string> Edge { get; } = [];

    /// <summary>PEM file with the certificate of the edge and what lies between it and its root. Default: the service's own certificate, which no browser trusts.</summary>
    public string? EdgeCertificate { get; set; }

    /// <summary>PEM file with the key of <see cref="EdgeCertificate"/>; only its owner may be able to read it.</summary>
    public string? EdgeKey { get; set; }

    /// <summary>Largest message either way, in bytes, after decompression. Default 4 MiB.</summary>
    public int MaxMessageBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>Most sockets open at once, of the whole web server; more are closed at once. Default 10,000.</summary>
    public long MaxConcurrentConnections { get; set; } = 10_000;

    /// <summary>Most calls at once on one HTTP/2 socket; clients queue or open another. Default 100.</summary>
    public int MaxStreamsPerConnection { get; set; } = 100;

    /// <summary>Largest request header section, in bytes. Default 32 KiB.</summary>
    public int MaxHeaderBytes { get; set; } = 32 * 1024;

    /// <summary>Most request headers. Default 100.</summary>
    public int MaxHeaderCount { get; set; } = 100;

    /// <summary>Silence of an HTTP/2 peer after which it is pinged. Default 10 s.</summary>
    public TimeSpan KeepAlivePingDelay { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a ping may stay unanswered before the socket is closed. Default 5 s.</summary>
    public TimeSpan KeepAlivePingTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Compression of gRPC responses to clients that accept it: <c>gzip</c> or <c>deflate</c>. Null, the default: none.</summary>
    public string? ResponseCompression { get; set; }

    /// <summary>Whether <c>GET /health</c> and <c>GET /alive</c> are answered. Default true.</summary>
    public bool HealthEndpoints { get; set; } = true;
}
