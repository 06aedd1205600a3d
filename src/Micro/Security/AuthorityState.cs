using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;

namespace Micro.Security;

/// <summary>
/// What the local authority's file says: roots, oldest first, and what was revoked. Immutable. Which root signs follows from the file and the time alone, so
/// that all processes change over in the same instant without telling each other. Every change makes a new one with the next sequence number.
/// </summary>
internal sealed class AuthorityState
{
    private readonly Lazy<TrustBundle> _bundle;

    public AuthorityState(string trustDomain, long sequence, ImmutableArray<AuthorityRoot> roots)
    {
        TrustDomain = trustDomain;
        Sequence = sequence;
        Roots = roots;
        _bundle = new Lazy<TrustBundle>(ToBundle);
    }

    public string TrustDomain { get; }

    public long Sequence { get; }

    public ImmutableArray<AuthorityRoot> Roots { get; }

    public ImmutableArray<ServiceIdentity> Revoked { get; init; } = [];

    public ImmutableArray<RevokedSerial> RevokedSerials { get; init; } = [];

    /// <summary>Somebody meant to drop every root there was; without it such a change is taken for an accident.</summary>
    public bool ReplacesAll { get; init; }

    public TrustBundle Bundle => _bundle.Value;

    /// <summary>The root that signs: the newest whose time has come.</summary>
    public AuthorityRoot SignerAt(DateTimeOffset now) => Roots.LastOrDefault(root => root.SignsFrom <= now) ?? Roots[0];

    /// <summary>The newest root is trusted and does not sign yet.</summary>
    public bool IsRolling(DateTimeOffset now) => Roots[^1].SignsFrom > now;

    /// <summary>Whether both say the same, whatever their number.</summary>
    public bool IsSameAs(AuthorityState other) =>
        Roots.Select(Key).SequenceEqual(other.Roots.Select(Key))
        && Revoked.SequenceEqual(other.Revoked)
        && RevokedSerials.SequenceEqual(other.RevokedSerials)
        && ReplacesAll == other.ReplacesAll;

    /// <summary>With a root that signs from then on; those before it go when their last leaf has expired.</summary>
    /// <param name="next">The new root.</param>
    /// <param name="longestLeaf">The longest that a leaf lives, with the allowed skew.</param>
    public AuthorityState Rolled(AuthorityRoot next, TimeSpan longestLeaf) => With(
        [.. Roots.Select(root => root.TrustedUntil is null ? root with { TrustedUntil = next.SignsFrom + longestLeaf } : root), next]);

    /// <summary>With that root alone, at once: what the others signed is worth nothing from now on.</summary>
    public AuthorityState Replaced(AuthorityRoot only) => With([only], replacesAll: true);

    public AuthorityState Revoking(ServiceIdentity identity) => With(Roots, revoked: Revoked.Contains(identity) ? Revoked : Revoked.Add(identity));

    public AuthorityState Restoring(ServiceIdentity identity) => With(Roots, revoked: Revoked.Remove(identity));

    public AuthorityState Revoking(RevokedSerial serial) =>
        With(Roots, serials: [.. RevokedSerials.Where(one => !one.Serial.Equals(serial.Serial, StringComparison.OrdinalIgnoreCase)), serial]);

    /// <summary>Without what is over; null when nothing is.</summary>
    public AuthorityState? Pruned(DateTimeOffset now)
    {
        ImmutableArray<AuthorityRoot> roots = [.. Roots.Where(root => root.TrustedUntil is not { } until || until > now)];
        ImmutableArray<RevokedSerial> serials = [.. RevokedSerials.Where(serial => serial.Until > now)];
        return roots.Length == Roots.Length && serials.Length == RevokedSerials.Length ? null : With(roots, serials: serials);
    }

    private AuthorityState With(
        ImmutableArray<AuthorityRoot> roots,
        ImmutableArray<ServiceIdentity>? revoked = null,
        ImmutableArray<RevokedSerial>? serials = null,
        bool replacesAll = false) => new(TrustDomain, Sequence + 1, roots)
        {
            Revoked = revoked ?? Revoked,
            RevokedSerials = serials ?? RevokedSerials,
            ReplacesAll = replacesAll,
        };

    private static (string Fingerprint, DateTimeOffset SignsFrom, DateTimeOffset? TrustedUntil) Key(AuthorityRoot root) => (root.Fingerprint, root.SignsFrom, root.TrustedUntil);

    private TrustBundle ToBundle()
    {
        // Without the private keys: the bundle goes to whoever checks a peer.
        X509Certificate2[] roots = [.. Roots.Select(root => X509CertificateLoader.LoadCertificate(root.Certificate.RawDataMemory.Span))];
        return new TrustBundle([new(TrustDomain, roots)], Sequence, Revoked, RevokedSerials.Select(serial => serial.Serial));
    }
}
