using System.Net;
using System.Net.Sockets;

namespace Micro.Transport.Http;

/// <summary>What an address such as <c>http+insecure://127.0.0.1:5001</c> or <c>http+unix+insecure:///run/a.sock</c> means for HTTP.</summary>
internal sealed record HttpTarget(Uri Address, Uri Origin, EndPoint EndPoint, ConnectionTarget Target)
{
    /// <summary>Whether the way there is TLS.</summary>
    public bool IsSecure => !MicroAddress.IsInsecure(Address);

    /// <exception cref="MicroAddressException">The address is of another scheme, has no port, or asks for TLS without anything to secure it with.</exception>
    public static HttpTarget Parse(Uri address, ConnectionTarget target)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (MicroAddress.Transport(address) != HttpClientTransport.SchemeName)
        {
            throw new MicroAddressException(address, "is not an http address");
        }

        var secure = !MicroAddress.IsInsecure(address);
        if (secure && !target.IsSecure)
        {
            throw new MicroAddressException(address, "means TLS, and there is no identity to make it with");
        }

        // Over TLS the request names the service; where it is, is the socket's business.
        var origin = secure ? new Uri($"https://{target.Host}") : null;
        if (MicroAddress.IsUnixSocket(address))
        {
            return new(address, origin ?? new Uri("http://localhost"), new UnixDomainSocketEndPoint(address.LocalPath), target);
        }

        if (address.Port is < 1 or > 65535)
        {
            throw new MicroAddressException(address, "has no port from 1 to 65535");
        }

        EndPoint endPoint = IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip)
            ? new IPEndPoint(ip, address.Port)
            : new DnsEndPoint(address.IdnHost, address.Port);
        return new(address, origin ?? new Uri($"http://{address.Host}:{address.Port}"), endPoint, target);
    }
}
