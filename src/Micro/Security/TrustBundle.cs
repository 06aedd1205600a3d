using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Micro.Security;

/// <summary>
/// Whom to trust: the roots of each trust domain, and what was revoked. Roots of one domain never vouch for another. Immutable snapshot; the certificates in it
/// are not disposed by anyone. Source: SPIFFE_Trust_Domain_and_Bundle.md, section 4.
/// </summary>
public sealed class TrustBundle
{
    /// <summary>Trusts nobody.</summary>
    public static readonly TrustBundle Empty = new([]);

    private readonly FrozenDictionary<string, IReadOnlyList<X509Certificate2>> _roots;
    private readonly FrozenSet<ServiceIdentity> _revoked;
    private readonly FrozenSet<string> _revokedSerials;

    /// <summary>Makes a bundle.</summary>
    /// <param name="roots">Roots by trust domain, in lower case.</param>
    /// <param name="sequence">Rises with every change.</param>
    /// <param name="revoked">Identities that are trusted no more, whatever certificate they show.</param>
    /// <param name="revokedSerials">Serial numbers of leaves that are trusted no more, as <see cref="X509Certificate.GetSerialNumberString"/> writes them.</param>
    public TrustBundle(
        IEnumerable<KeyValuePair<string, IReadOnlyList<X509Certificate2>>> roots,
        long sequence = 0,
        IEnumerable<ServiceIdentity>? revoked = null,
        IEnumerable<string>? revokedSerials = null)
    {
        _roots = roots.ToFrozenDictionary(StringComparer.Ordinal);
        Sequence = sequence;
        _revoked = revoked?.ToFrozenSet() ?? [];
        _revokedSerials = revokedSerials?.ToFrozenSet(StringComparer.OrdinalIgnoreCase) ?? [];
    }

    /// <summary>Rises with every change.</summary>
    public long Sequence { get; }

    /// <summary>The trust domains that have roots.</summary>
    public IEnumerable<string> TrustDomains => _roots.Keys;

    /// <summary>The roots of one trust domain; empty when nobody of it is trusted.</summary>
    public IReadOnlyList<X509Certificate2> RootsOf(string trustDomain) => _roots.GetValueOrDefault(trustDomain, []);

    /// <summary>Whether an identity, or the leaf with this serial number, was revoked.</summary>
    public bool IsRevoked(ServiceIdentity identity, string serial) => _revoked.Contains(identity) || _revokedSerials.Contains(serial);

    internal static string FingerprintOf(ReadOnlySpan<byte> certificate) => Convert.ToHexString(SHA256.HashData(certificate));

    /// <summary>Whether a peer that was verified against an earlier bundle would still be, as far as roots and revocation go.</summary>
    internal bool StillTrusts(PeerIdentity peer)
    {
        if (peer.Identity is not { } identity || IsRevoked(identity, peer.Serial))
        {
            return false;
        }

        var roots = RootsOf(identity.TrustDomain);
        return peer.Root is { } root ? roots.Any(one => FingerprintOf(one.RawDataMemory.Span) == root) : roots.Count > 0;
    }
}
