using System.Security.Cryptography.X509Certificates;
using Micro.Security;
using Micro.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Micro.Tests.Security;

/// <summary>A validator, its clock, and a root of <c>micro.test</c> that it trusts.</summary>
internal sealed class SvidRig
{
    public const string Domain = "micro.test";

    public FakeTimeProvider Time { get; } = new(CertificateDesign.Now);

    public ForgedCertificate Root { get; init; } = CertificateDesign.Authority.Sign();

    public PeerIdentity Check(CertificateDesign leaf) => Check(leaf.Sign(Root));

    public PeerIdentity Check(ForgedCertificate? leaf, params ForgedCertificate[] intermediates) =>
        Check(leaf, TrustBundle(Root), null, intermediates);

    public PeerIdentity Check(ForgedCertificate? leaf, TrustBundle bundle, ServiceIdentity? expected, params ForgedCertificate[] intermediates) =>
        new SvidValidator(Time).Authenticate(new PeerEvidence(leaf?.Certificate, [.. intermediates.Select(one => one.Certificate)], bundle, expected));

    public static TrustBundle TrustBundle(params ForgedCertificate[] roots) => Trust((Domain, roots));

    public static TrustBundle Trust(params (string Domain, ForgedCertificate[] Roots)[] domains) => new(domains.Select(one =>
        KeyValuePair.Create<string, IReadOnlyList<X509Certificate2>>(one.Domain, [.. one.Roots.Select(root => root.Certificate)])));

    public static void Accepted(PeerIdentity peer, string id = CertificateDesign.Id)
    {
        Assert.Null(peer.Refusal);
        Assert.Equal(id, peer.Identity?.ToString());
    }

    public static void Refused(string rule, PeerIdentity peer)
    {
        Assert.Null(peer.Identity);
        Assert.Equal("", peer.Serial);
        Assert.Contains(rule, peer.Refusal, StringComparison.Ordinal);
    }
}
