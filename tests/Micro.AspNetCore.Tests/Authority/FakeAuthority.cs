using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Micro.Security;

namespace Micro.AspNetCore.Tests.Authority;

/// <summary>Somebody who answers in the authority's place, says it has these roots, and keeps whatever it is sent.</summary>
internal sealed class FakeAuthority : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly MemoryStream _received = new();
    private readonly SslStreamCertificateContext _certificate;
    private readonly byte[] _answer;
    private readonly Task _serving;
    private int _handshakes;

    public FakeAuthority(X509Certificate2 leaf, IReadOnlyList<byte[]> roots)
    {
        _certificate = SslStreamCertificateContext.Create(leaf, [], offline: true);
        var body = JsonSerializer.SerializeToUtf8Bytes(new AuthorityRoots("micro.local", roots), AuthorityMessagesJson.Default.AuthorityRoots);
        _answer = [.. Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n"), .. body];
        _listener.Start();
        _serving = ServeAsync();
    }

    public Uri Address => new($"http://{_listener.LocalEndpoint}");

    /// <summary>All that came through TLS.</summary>
    public byte[] Received
    {
        get
        {
            lock (_received)
            {
                return _received.ToArray();
            }
        }
    }

    /// <summary>Handshakes that the client finished.</summary>
    public int Handshakes => Volatile.Read(ref _handshakes);

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _serving;
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            try
            {
                using var client = await _listener.AcceptTcpClientAsync();
                await AnswerAsync(client.GetStream());
            }
            catch (Exception e) when (e is InvalidOperationException or SocketException)
            {
                return;
            }
            catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException)
            {
                // The client went away, as it should.
            }
        }
    }

    private async Task AnswerAsync(Stream stream)
    {
        await using var secure = new SslStream(stream);
        await secure.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificateContext = _certificate, ApplicationProtocols = [SslApplicationProtocol.Http11] });
        Interlocked.Increment(ref _handshakes);
        var buffer = new byte[64 * 1024];
        var isAnswered = false;
        while (await secure.ReadAsync(buffer) is > 0 and var count)
        {
            lock (_received)
            {
                _received.Write(buffer, 0, count);
            }

            if (!isAnswered)
            {
                isAnswered = true;
                await secure.WriteAsync(_answer);
            }
        }
    }
}
