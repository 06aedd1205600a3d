using System.Net;
using System.Net.Sockets;

namespace Micro.Transport.Http;

/// <summary>What an address such as <c>http+insecure://127.0.0.1:5001</c> or <c>http+unix+insecure:///run/a.sock</c> means for HTTP.</summary>
internal sealed record HttpTarget(Uri Address, Uri Origin, EndPoint EndPoint)
{
    /// <exception cref="MicroAddressException">The address is of another scheme, has no port, or asks for TLS.</exception>
    public static HttpTarget Parse(Uri address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (MicroAddress.Transport(address) != HttpClientTransport.SchemeName)
        {
            throw new MicroAddressException(address, "is not an http address");
        }

        if (!MicroAddress.IsInsecure(address))
        {
            throw new MicroAddressException(address, "means TLS, which this transport does not offer yet; use http+insecure://host:port where plaintext is acceptable");
        }

        if (MicroAddress.IsUnixSocket(address))
        {
            return new(address, new Uri("http://localhost"), new UnixDomainSocketEndPoint(address.LocalPath));
        }

        if (address.Port is < 1 or > 65535)
        {
            throw new MicroAddressException(address, "has no port from 1 to 65535");
        }

        EndPoint endPoint = IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip)
            ? new IPEndPoint(ip, address.Port)
            : new DnsEndPoint(address.IdnHost, address.Port);
        return new(address, new Uri($"http://{address.Host}:{address.Port}"), endPoint);
    }
}
