using System.Net.Security;
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

        // Closing the socket below ends what is under way on it; whoever calls tries elsewhere.
        secure.Watch = PeerWatch.Start(security, Caller, credential, record.Peer, _ => stream.Dispose());
        return secure;
    }
}
