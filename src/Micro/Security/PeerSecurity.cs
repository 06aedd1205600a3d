using Microsoft.Extensions.Logging;

namespace Micro.Security;

/// <summary>How the connections of this process are secured, whichever way they go. One for the process; thread-safe.</summary>
internal sealed partial class PeerSecurity(
    ICredentialSource credentials, MutualTls tls, MicroSecurityOptions options, TimeProvider clock, ILogger<PeerSecurity> logger)
{
    public ICredentialSource Credentials { get; } = credentials;

    public MutualTls Tls { get; } = tls;

    public TimeProvider Clock { get; } = clock;

    /// <summary>
    /// How long a connection is used that a client opens here: a quarter of a leaf's lifetime. A leaf is renewed after 50 to 70 % of it, so none runs out on a connection in
    /// use, and a server need not end one that calls are on their way on (ID-7).
    /// </summary>
    public TimeSpan ConnectionLifetime => options.LeafLifetime / 4;

    /// <summary>
    /// How long a server leaves a connection alone whatever its certificates say: twice what a client here uses it. Without, a leaf that was renewed late, or that the clock
    /// of its maker had end early, would have the server close the connection under a call that is on its way.
    /// </summary>
    public TimeSpan LeastConnectionAge => ConnectionLifetime * 2;

    /// <summary>How long a handshake may take, and how long a connection stays whose peer was refused.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = MutualTls.HandshakeTimeout;

    /// <summary>How long calls may go on over a connection whose leaf ran out: the lifetime of a leaf.</summary>
    public TimeSpan DrainLimit => options.LeafLifetime;

    /// <summary>The identity of a service of this process's own trust domain and namespace.</summary>
    /// <exception cref="FormatException">The name cannot be part of a SPIFFE id.</exception>
    public ServiceIdentity IdentityOf(string service) => ServiceIdentity.Create(options.TrustDomain, options.Namespace, service);

    /// <summary>What a connection from one service to another needs.</summary>
    /// <param name="caller">A service of this process.</param>
    /// <param name="expected">Who has to be there.</param>
    public ClientSecurity Between(ServiceIdentity caller, ServiceIdentity expected) => new(caller, expected, this);

    public void PeerDropped(PeerIdentity peer, string reason) => Dropped(peer.Identity?.ToString() ?? "an unknown peer", reason);

    [LoggerMessage(1670, LogLevel.Warning, "An open connection to {Peer} is closed: {Reason}.")]
    private partial void Dropped(string peer, string reason);
}
