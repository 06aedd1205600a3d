using System.Security.Cryptography.X509Certificates;

namespace Micro.Security;

/// <summary>What a peer showed in the handshake, and what it is to be held against.</summary>
/// <param name="Certificate">Its leaf; null when it showed none.</param>
/// <param name="Intermediates">What else it sent, in the order sent. Nothing else is used to build the chain.</param>
/// <param name="Bundle">Whom to trust.</param>
/// <param name="Expected">The identity that has to be there, on a client; null on a server, which takes anyone who is trusted.</param>
public readonly record struct PeerEvidence(
    X509Certificate2? Certificate, IReadOnlyList<X509Certificate2> Intermediates, TrustBundle Bundle, ServiceIdentity? Expected = null);
