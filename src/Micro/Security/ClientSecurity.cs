using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Micro.Security;

/// <summary>How one service of this process proves who it is to one other, and learns that it is the one. Thread-safe.</summary>
internal sealed class ClientSecurity(ServiceIdentity caller, ServiceIdentity expected, PeerSecurity security)
{
    public ServiceIdentity Caller { get; } = caller;

    public ServiceIdentity Expected { get; } = expected;

    public TimeSpan ConnectionLifetime => security.ConnectionLifetime;

    public async ValueTask<SslStream> SecureAsync(Stream stream, SslApplicationProtocol protocol, CancellationToken cancellationToken)
    {
        ServiceCredential credential;
        try
        {
            credential = await security.Credentials.GetAsync(Caller, cancellationToken);
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }

        var record = new PeerRecord();
        var secure = await security.Tls.ConnectAsync(stream, credential, Expected, record, [protocol], cancellationToken);
        if (secure.NegotiatedApplicationProtocol != protocol)
        {
            await secure.DisposeAsync();
            throw new AuthenticationException($"{Expected} does not speak {protocol}.");
        }

        secure.Watch = PeerWatch.Start(security, Caller, credential, record.Peer, _ => End(stream));
        return secure;
    }

    /// <summary>
    /// Ends what is under way, as if the peer had gone: whoever called learns that it may have been executed. A disposed socket would look as if nothing had been sent.
    /// </summary>
    private static void End(Stream stream)
    {
        try
        {
            if (stream is NetworkStream network)
            {
                network.Socket.Shutdown(SocketShutdown.Both);
                return;
            }
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            // It has ended by itself.
        }

        stream.Dispose();
    }
}
