using System.Net;
using System.Net.Sockets;
using Micro.Transport;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Micro.AspNetCore.Hosting;

/// <summary>One address of <c>Micro:Listen</c>, and what became of it.</summary>
internal sealed class ListenAddress
{
    private ListenAddress(Uri uri, EndPoint endPoint)
    {
        Uri = uri;
        EndPoint = endPoint;
    }

    /// <summary>As it was written.</summary>
    public Uri Uri { get; }

    /// <summary>What is asked of the operating system. Its identity, not its value, tells listeners apart: two may want any port of one host.</summary>
    public EndPoint EndPoint { get; }

    /// <summary>Kestrel's own record, which knows the port once it is bound.</summary>
    public ListenOptions? Opened { get; set; }

    public string Transport => MicroAddress.Transport(Uri);

    /// <summary>Whether it is TLS: of the mesh with a certificate on both sides, of the edge with the server's alone.</summary>
    public bool IsSecure => !MicroAddress.IsInsecure(Uri);

    /// <summary>Without TLS there is no negotiation: grpc needs HTTP/2 from the first byte on, and curl HTTP/1.1.</summary>
    public HttpProtocols Protocols => IsSecure ? HttpProtocols.Http1AndHttp2 : Transport == "grpc" ? HttpProtocols.Http2 : HttpProtocols.Http1;

    public bool IsWildcard => EndPoint is IPEndPoint ip && (ip.Address.Equals(IPAddress.Any) || ip.Address.Equals(IPAddress.IPv6Any));

    /// <exception cref="MicroAddressException">It is not an address to listen on.</exception>
    public static ListenAddress Parse(string text, string setting = "Micro:Listen")
    {
        // Uri knows no "*"; it is what people write for every address of the machine.
        if (!Uri.TryCreate(text.Replace("://*", "://0.0.0.0", StringComparison.Ordinal), UriKind.Absolute, out var uri))
        {
            throw new MicroAddressException(null, $"'{text}' of {setting} is not an address. Write grpc://127.0.0.1:5001, which takes http on the same port, or host");
        }

        if (MicroAddress.Transport(uri) is not ("grpc" or "http"))
        {
            throw new MicroAddressException(uri, $"of {setting} has a scheme that the web server does not serve; grpc and http are served");
        }

        if (MicroAddress.IsUnixSocket(uri))
        {
            return new ListenAddress(uri, new UnixDomainSocketEndPoint(Uri.UnescapeDataString(uri.AbsolutePath)));
        }

        var host = uri.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase) ? "127.0.0.1" : uri.Host.Trim('[', ']');
        return IPAddress.TryParse(host, out var ip)
            ? new ListenAddress(uri, new IPEndPoint(ip, Math.Max(0, uri.Port)))
            : throw new MicroAddressException(uri, $"of {setting} has a host that is no IP address of this machine; 127.0.0.1, [::1] and * are such, and Micro:Advertise may have names");
    }

    /// <summary>The addresses with the port that was bound. By ALPN one port of the mesh serves both grpc and http.</summary>
    public IEnumerable<Uri> Bound() => IsSecure ? [Bound("grpc"), Bound("http")] : [Bound(Transport)];

    private Uri Bound(string transport) => Opened?.EndPoint is IPEndPoint ip
        ? MicroAddress.Tcp(transport, ip.Address.ToString(), ip.Port, !IsSecure)
        : MicroAddress.Unix(transport, Uri.AbsolutePath, !IsSecure);

    /// <summary>Whether the web server opened it: a port of zero has become a real one.</summary>
    public bool IsOpen => Opened is { } opened && (opened.EndPoint is not IPEndPoint ip || ip.Port != 0);
}
