namespace Micro.Transport;

/// <summary>
/// Reads addresses such as <c>grpc+insecure://127.0.0.1:5001</c>: a scheme that names the transport, then suffixes. Without
/// <c>+insecure</c> an address means TLS; <c>+unix</c> means that the path is a Unix domain socket.
/// </summary>
public static class MicroAddress
{
    /// <summary>The transport's name: the scheme up to the first <c>+</c>.</summary>
    public static string Transport(Uri address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var plus = address.Scheme.IndexOf('+');
        return plus < 0 ? address.Scheme : address.Scheme[..plus];
    }

    /// <summary>True when the address is plaintext on purpose.</summary>
    public static bool IsInsecure(Uri address) => HasSuffix(address, "insecure");

    /// <summary>True when the address is a Unix domain socket; its path is the socket's.</summary>
    public static bool IsUnixSocket(Uri address) => HasSuffix(address, "unix");

    /// <summary>Builds a TCP address.</summary>
    public static Uri Tcp(string transport, string host, int port, bool insecure) =>
        new($"{transport}{(insecure ? "+insecure" : "")}://{(host.Contains(':') && host[0] != '[' ? $"[{host}]" : host)}:{port}");

    /// <summary>Builds an address of a Unix domain socket.</summary>
    public static Uri Unix(string transport, string path, bool insecure) =>
        new($"{transport}+unix{(insecure ? "+insecure" : "")}://{path}");

    /// <summary>
    /// Checks that an address can be advertised: a known form, a port from 1 to 65535, not a wildcard, not link-local (where cloud metadata
    /// services live).
    /// </summary>
    /// <exception cref="MicroAddressException">It cannot; the message says why.</exception>
    public static void CheckAdvertised(Uri address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (IsUnixSocket(address) || Transport(address) == "inproc")
        {
            return;
        }

        if (address.Port is < 1 or > 65535)
        {
            throw new MicroAddressException(address, "has no port from 1 to 65535");
        }

        if (System.Net.IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip))
        {
            ip = ip.IsIPv4MappedToIPv6 ? ip.MapToIPv4() : ip;
            if (ip.Equals(System.Net.IPAddress.Any) || ip.Equals(System.Net.IPAddress.IPv6Any))
            {
                throw new MicroAddressException(address, "is a wildcard; set Micro:Advertise to an address that peers can reach");
            }

            var bytes = ip.GetAddressBytes();
            if (ip.IsIPv6LinkLocal || (ip.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork && bytes[0] == 169 && bytes[1] == 254))
            {
                throw new MicroAddressException(address, "is link-local, which peers on other machines cannot reach and cloud metadata services use");
            }
        }
    }

    private static bool HasSuffix(Uri address, string suffix)
    {
        ArgumentNullException.ThrowIfNull(address);
        var parts = address.Scheme.Split('+');
        return parts.AsSpan(1).Contains(suffix);
    }
}
