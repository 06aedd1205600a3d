using Micro.Internal;

namespace Micro.Transport.Http;

/// <summary>The client half of the http transport: HTTP/1.1, and WebSockets for streams. The protocol is in docs/http.md.</summary>
internal sealed class HttpClientTransport : IClientTransport
{
    public const string SchemeName = "http";

    private readonly HttpTransportOptions _options;
    private readonly RandomSource _random;
    private readonly TimeProvider _time;

    public HttpClientTransport(HttpTransportOptions options, RandomSource random, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxMessageBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxConnections, 1);
        _options = options;
        _random = random;
        _time = time;
    }

    public string Scheme => SchemeName;

    public IClientConnection Connect(Uri address, ConnectionTarget target)
    {
        return new HttpClientConnection(HttpTarget.Parse(address, target), _options, _random, _time);
    }
}
