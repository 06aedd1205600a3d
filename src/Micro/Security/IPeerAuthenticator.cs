namespace Micro.Security;

/// <summary>Decides who a peer is by what it showed in the handshake. No network, no waiting; thread-safe. What it throws counts as a refusal.</summary>
public interface IPeerAuthenticator
{
    /// <summary>Says who it is, or why it is refused.</summary>
    PeerIdentity Authenticate(PeerEvidence evidence);
}
