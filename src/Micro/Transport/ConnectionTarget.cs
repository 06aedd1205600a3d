using System.Net.Security;
using Micro.Security;

namespace Micro.Transport;

/// <summary>Whom a connection leads to, as whom it is made, and how the two prove it to each other. Immutable; thread-safe.</summary>
public sealed class ConnectionTarget
{
    private readonly ClientSecurity? _security;

    /// <summary>A service that is called without proof on either side: in plaintext, which has to be allowed.</summary>
    /// <param name="service">Its name.</param>
    public ConnectionTarget(string service)
    {
        ArgumentException.ThrowIfNullOrEmpty(service);
        Service = service;
        Host = service;
    }

    internal ConnectionTarget(string service, ClientSecurity security)
    {
        Service = service;
        Host = MutualTls.HostOf(security.Expected);
        _security = security;
    }

    /// <summary>Name of the service.</summary>
    public string Service { get; }

    /// <summary>As whom the connection is made; null when nothing is proved.</summary>
    public ServiceIdentity? Caller => _security?.Caller;

    /// <summary>Who has to be there; null when nothing is proved.</summary>
    public ServiceIdentity? Expected => _security?.Expected;

    /// <summary>The name asked for: <c>&lt;service&gt;.&lt;namespace&gt;</c>, which is also the authority of a request over TLS.</summary>
    public string Host { get; }

    /// <summary>True when connections can be secured.</summary>
    public bool IsSecure => _security is not null;

    /// <summary>How long a connection may be used before another takes its place; infinite when nothing is proved. A client that obeys is never cut off by an expired leaf.</summary>
    public TimeSpan ConnectionLifetime => _security?.ConnectionLifetime ?? Timeout.InfiniteTimeSpan;

    /// <summary>
    /// Makes a connected stream a secure one: TLS with a certificate on both sides. It is disposed with the result, and when this fails. The result closes by itself
    /// once the peer is no longer to be trusted.
    /// </summary>
    /// <param name="stream">The connected stream.</param>
    /// <param name="protocol">The protocol to speak over it, for ALPN.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="System.Security.Authentication.AuthenticationException">Somebody else is there; the message says why.</exception>
    /// <exception cref="CredentialException">This side has nothing to prove itself with.</exception>
    /// <exception cref="TimeoutException">The peer did not finish the handshake within 10 s.</exception>
    public async ValueTask<SslStream> SecureAsync(Stream stream, SslApplicationProtocol protocol, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (_security is null)
        {
            await stream.DisposeAsync();
            throw new CredentialException($"A connection to '{Service}' was to be secured without anything to prove oneself with.");
        }

        return await _security.SecureAsync(stream, protocol, cancellationToken);
    }
}
