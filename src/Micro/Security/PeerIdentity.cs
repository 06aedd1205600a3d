namespace Micro.Security;

/// <summary>The verdict on a peer: who it is, or why it was refused. Immutable.</summary>
public sealed class PeerIdentity
{
    private PeerIdentity(ServiceIdentity? identity, DateTimeOffset notAfter, string serial, string? refusal)
    {
        Identity = identity;
        NotAfter = notAfter;
        Serial = serial;
        Refusal = refusal;
    }

    /// <summary>Who it is; null when it was refused.</summary>
    public ServiceIdentity? Identity { get; }

    /// <summary>Until when the certificate it showed is valid, and all that vouch for it.</summary>
    public DateTimeOffset NotAfter { get; }

    /// <summary>Serial number of the certificate it showed, for revocation; empty when it was refused.</summary>
    public string Serial { get; }

    /// <summary>Why it was refused, for this side's log; without key material. Null when it was not.</summary>
    public string? Refusal { get; }

    /// <summary>The peer is who it says.</summary>
    public static PeerIdentity Verified(ServiceIdentity identity, DateTimeOffset notAfter, string serial) => new(identity, notAfter, serial, null);

    /// <summary>The peer is not to be talked to.</summary>
    public static PeerIdentity Refused(string reason) => new(null, default, "", reason);
}
