namespace Micro.Discovery;

/// <summary>Options of the <c>dns</c> provider, from <c>Micro:Discovery:Dns</c>.</summary>
public sealed class DnsDiscoveryOptions
{
    /// <summary>Scheme of the addresses: transport and suffixes. Default <c>http</c>, which means TLS.</summary>
    public string Scheme { get; set; } = "http";

    /// <summary>Port where a host names none. Default 0: 443, or 80 with <c>+insecure</c>.</summary>
    public int Port { get; set; }

    /// <summary>Time between two look-ups, varied by ±20 %. Default 30 s.</summary>
    public TimeSpan RefreshInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Host of each service, <c>host</c> or <c>host:port</c>; a service that is not named here has its own name as host.</summary>
    public Dictionary<string, string> Hosts { get; } = new(StringComparer.OrdinalIgnoreCase);
}
