namespace Micro.Discovery;

/// <summary>Names of the built-in discovery providers, for <c>Micro:Discovery:Provider</c>. Packages add further ones.</summary>
public static class DiscoveryProviders
{
    /// <summary>Registry of this process; the default when no package adds a candidate.</summary>
    public const string Memory = "memory";

    /// <summary>Addresses from configuration, <c>Micro:Services:&lt;name&gt;</c>; only finds.</summary>
    public const string Static = "static";

    /// <summary>Host names; only finds.</summary>
    public const string Dns = "dns";
}
