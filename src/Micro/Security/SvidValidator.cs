using System.Formats.Asn1;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;

namespace Micro.Security;

/// <summary>
/// Decides who a peer is by its X.509-SVID. A chain of the platform is not enough for that: it takes CAs, two URIs, any purpose and weak keys. The order is cheap
/// before expensive, and nothing a stranger sends is worked on before its size is known. Thread-safe; keeps nothing from one peer to the next.
/// Source: SPIFFE X509-SVID.md, section 5; RFC 5280, section 6.
/// </summary>
internal sealed class SvidValidator : IPeerAuthenticator
{
    /// <summary>Most certificates a peer may send, its leaf among them.</summary>
    public const int MaxCertificates = 5;

    /// <summary>Most bytes of all certificates a peer sends.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>How far the clocks of two machines may be apart when nothing else is said.</summary>
    public static readonly TimeSpan DefaultLeeway = TimeSpan.FromMinutes(1);

    private readonly TimeProvider _time;
    private readonly TimeSpan _leeway;

    /// <param name="time">The clock that certificates are held against.</param>
    /// <param name="leeway">How far the clock of whoever made a certificate may be off. Null: <see cref="DefaultLeeway"/>.</param>
    public SvidValidator(TimeProvider time, TimeSpan? leeway = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(leeway ?? TimeSpan.Zero, TimeSpan.Zero, nameof(leeway));
        _time = time;
        _leeway = leeway ?? DefaultLeeway;
    }

    public PeerIdentity Authenticate(PeerEvidence evidence)
    {
        try
        {
            return Check(evidence);
        }
        catch (AsnContentException)
        {
            return PeerIdentity.Refused("a certificate it sent is not well-formed (RFC 5280, DER)");
        }
        catch (Exception failure)
        {
            // Whatever goes wrong while looking at what a stranger sent is no reason to let it in.
            return PeerIdentity.Refused($"its certificate could not be checked: {failure.GetType().Name}: {failure.Message}");
        }
    }

    private PeerIdentity Check(PeerEvidence evidence)
    {
        if (evidence.Certificate is not { } certificate)
        {
            return PeerIdentity.Refused("it showed no certificate");
        }

        if (CheckSize(certificate, evidence.Intermediates) is { } tooLarge)
        {
            return PeerIdentity.Refused(tooLarge);
        }

        var leaf = CertificateReader.Read(certificate.RawDataMemory);
        if (SvidRules.OfLeaf(leaf, out var identity) is { } broken)
        {
            return PeerIdentity.Refused($"its certificate: {broken}");
        }

        return CheckChain(evidence, certificate, identity!, out var path, out var notAfter) is { } refusal
            ? PeerIdentity.Refused($"{identity}: {refusal}")
            : PeerIdentity.Verified(identity!, notAfter, certificate.GetSerialNumberString(), TrustBundle.FingerprintOf(path[^1]));
    }

    private static string? CheckSize(X509Certificate2 leaf, IReadOnlyList<X509Certificate2> intermediates)
    {
        if (intermediates.Count >= MaxCertificates)
        {
            return $"it sent {intermediates.Count + 1} certificates, and {MaxCertificates} is the limit";
        }

        var bytes = leaf.RawDataMemory.Length + intermediates.Sum(one => (long)one.RawDataMemory.Length);
        return bytes > MaxBytes ? $"it sent certificates of {bytes} bytes, and {MaxBytes} is the limit" : null;
    }

    private string? CheckChain(PeerEvidence evidence, X509Certificate2 leaf, ServiceIdentity identity, out List<byte[]> path, out DateTimeOffset notAfter)
    {
        notAfter = default;
        path = [];

        // Before the chain, so that no weak or oversized key is ever computed with.
        foreach (var intermediate in evidence.Intermediates)
        {
            if (SvidRules.OfAuthority(CertificateReader.Read(intermediate.RawDataMemory)) is { } broken)
            {
                return $"a certificate above it: {broken}";
            }
        }

        // Only the roots of the domain it claims: the authority of one domain must not be able to name a member of another.
        var roots = evidence.Bundle.RootsOf(identity.TrustDomain);
        if (roots.Count == 0)
        {
            return $"nobody of the trust domain '{identity.TrustDomain}' is trusted here";
        }

        var now = _time.GetUtcNow();
        return SvidChain.Find(leaf, evidence.Intermediates, roots, now, out path)
            ?? CheckRoot(path[^1])
            ?? CheckTimes(path, now, out notAfter)
            ?? CheckStanding(evidence, leaf, identity);
    }

    private static string? CheckRoot(byte[] root) => SvidRules.OfAuthority(CertificateReader.Read(root)) is { } broken ? $"the root above it: {broken}" : null;

    private string? CheckTimes(List<byte[]> path, DateTimeOffset now, out DateTimeOffset notAfter)
    {
        notAfter = DateTimeOffset.MaxValue;
        foreach (var (i, der) in path.Index())
        {
            var fields = CertificateReader.Read(der);
            var which = i == 0 ? "its certificate" : i == path.Count - 1 ? "the root above it" : "a certificate above it";
            if (fields.NotBefore - now > _leeway)
            {
                return $"{which} is not valid before {At(fields.NotBefore)}, {Span(fields.NotBefore - now)} from now; {Skew(now)}";
            }

            if (now - fields.NotAfter > _leeway)
            {
                return $"{which} has expired at {At(fields.NotAfter)}, {Span(now - fields.NotAfter)} ago; {Skew(now)}";
            }

            notAfter = fields.NotAfter < notAfter ? fields.NotAfter : notAfter;
        }

        return null;
    }

    private static string? CheckStanding(PeerEvidence evidence, X509Certificate2 leaf, ServiceIdentity identity)
    {
        if (evidence.Bundle.IsRevoked(identity, leaf.GetSerialNumberString()))
        {
            return $"it was revoked (serial number {leaf.GetSerialNumberString()})";
        }

        return evidence.Expected is { } expected && !expected.Equals(identity) ? $"it is not {expected}, which was to be called" : null;
    }

    private string Skew(DateTimeOffset now) => $"the clock here says {At(now)}, and a skew of {Span(_leeway)} is allowed for";

    private static string At(DateTimeOffset time) => time.UtcDateTime.ToString("u", CultureInfo.InvariantCulture);

    private static string Span(TimeSpan span) => span.ToString(span.Days > 0 ? @"d\.hh\:mm\:ss" : @"hh\:mm\:ss", CultureInfo.InvariantCulture);
}
