namespace Micro.Security;

/// <summary>The verdict on a peer: who it is, or why it was refused. Immutable.</summary>
public sealed class PeerIdentity
{
    private PeerIdentity(ServiceIdentity? identity, DateTimeOffset notAfter, string serial, string? root, string? refusal)
    {
        Identity = identity;
        NotAfter = notAfter;
        Serial = serial;
        Root = root;
        Refusal = refusal;
    }

    /// <summary>Who it is; null when it was refused.</summary>
    public ServiceIdentity? Identity { get; }

    /// <summary>Until when the certificate it showed is valid, and all that vouch for it.</summary>
    public DateTimeOffset NotAfter { get; }

    /// <summary>Serial number of the certificate it showed, for revocation; empty when it was refused.</summary>
    public string Serial { get; }

    /// <summary>
    /// SHA-256 of the root that vouches for it, in hex, so that the connection can be ended when that root is trusted no more; null when it was refused, or its
    /// authenticator does not say.
    /// </summary>
    public string? Root { get; }

    /// <summary>Why it was refused, for this side's log; without key material. Null when it was not.</summary>
    public string? Refusal { get; }

    /// <summary>The peer is who it says.</summary>
    /// <param name="identity">Who it is.</param>
    /// <param name="notAfter">Until when its certificate is valid, and all that vouch for it.</param>
    /// <param name="serial">Serial number of its certificate.</param>
    /// <param name="root">SHA-256 of the root that vouches for it, in hex; null when that is not known.</param>
    public static PeerIdentity Verified(ServiceIdentity identity, DateTimeOffset notAfter, string serial, string? root = null) =>
        new(identity, notAfter, serial, root, null);

    /// <summary>The peer is not to be talked to.</summary>
    public static PeerIdentity Refused(string reason) => new(null, default, "", null, reason);
}
