using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Micro.AspNetCore.Tests.Support;

/// <summary>A client of TLS that shows what the test wants and takes any server.</summary>
internal static class RawTls
{
    public static async Task<SslStream> ConnectAsync(
        Uri address, string host, X509Certificate2? certificate, SslApplicationProtocol protocol, CancellationToken cancellationToken, IEnumerable<X509Certificate2>? chain = null)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(address.Host, address.Port, cancellationToken);
        var secure = new SslStream(new NetworkStream(socket, ownsSocket: true));
        try
        {
            await secure.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = host,
                    ClientCertificateContext = certificate is null ? null : SslStreamCertificateContext.Create(certificate, [.. chain ?? []], offline: true),
                    RemoteCertificateValidationCallback = (_, _, _, _) => true,
                    ApplicationProtocols = [protocol],
                },
                cancellationToken);
            return secure;
        }
        catch
        {
            await secure.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends a request of HTTP/1.1 and reads until the server closes.</summary>
    public static async Task<string> AskAsync(Stream stream, string path, string headers, string body, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: vault.default\r\n{headers}Content-Length: {body.Length}\r\n\r\n{body}"), cancellationToken);
        using var reader = new StreamReader(stream, Encoding.UTF8, leaveOpen: true);
        return await reader.ReadToEndAsync(cancellationToken);
    }
}
