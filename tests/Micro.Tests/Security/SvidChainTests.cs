using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CsCheck;
using Micro.Security;
using Micro.Tests.Support;
using static Micro.Tests.Support.CertificateDesign;

namespace Micro.Tests.Security;

/// <summary>What has to be between a leaf and a root of its trust domain.</summary>
public sealed class SvidChainTests
{
    private static readonly SvidRig _rig = new();

    [Fact]
    public void ID_2_Intermediates_that_were_sent_in_any_order_are_accepted()
    {
        var upper = Authority.Sign(_rig.Root);
        var lower = (Authority with { Names = [[(UriName, "spiffe://micro.test")]] }).Sign(upper);
        var leaf = new CertificateDesign().Sign(lower);

        SvidRig.Accepted(_rig.Check(leaf, upper, lower));
        SvidRig.Accepted(_rig.Check(leaf, lower, upper, _rig.Root));
    }

    [Fact]
    public void ID_2_A_missing_intermediate()
    {
        var between = Authority.Sign(_rig.Root);
        SvidRig.Refused("no root of its trust domain", _rig.Check(new CertificateDesign().Sign(between)));
    }

    [Fact]
    public void ID_2_A_wrong_CA()
    {
        var stranger = Authority.Sign();
        SvidRig.Refused("no root of its trust domain", _rig.Check(new CertificateDesign().Sign(stranger)));
        SvidRig.Refused("no root of its trust domain", _rig.Check(new CertificateDesign().Sign(stranger), stranger));
    }

    [Fact]
    public void ID_2_A_wrong_CA_with_the_name_of_the_right_one()
    {
        var rig = new SvidRig { Root = (Authority with { Subject = "The root" }).Sign() };
        var stranger = (Authority with { Subject = "The root" }).Sign();
        Assert.NotNull(rig.Check(new CertificateDesign().Sign(stranger)).Refusal);
        Assert.NotNull(rig.Check(new CertificateDesign().Sign(stranger), stranger).Refusal);
    }

    [Fact]
    public void ID_2_A_certificate_changed_after_it_was_signed()
    {
        var der = new CertificateDesign().Sign(_rig.Root).Certificate.RawData;
        var name = der.AsSpan().IndexOf("greeter"u8);
        "greater"u8.CopyTo(der.AsSpan(name));
        var evidence = new PeerEvidence(X509CertificateLoader.LoadCertificate(der), [], SvidRig.TrustBundle(_rig.Root));
        SvidRig.Refused("signature", new SvidValidator(_rig.Time).Authenticate(evidence));
    }

    [Fact]
    public void ID_2_Signed_by_a_leaf()
    {
        var leaf = new CertificateDesign().Sign(_rig.Root);
        SvidRig.Refused("it is no CA", _rig.Check(new CertificateDesign().WithId("spiffe://micro.test/default/admin").Sign(leaf), leaf));
    }

    [Fact]
    public void ID_2_A_leaf_that_is_a_root_itself()
    {
        var alone = new CertificateDesign().Sign();
        Assert.NotNull(_rig.Check(alone).Refusal);
        SvidRig.Refused("vouches for itself", _rig.Check(alone, SvidRig.TrustBundle(alone), null));
    }

    [Fact]
    public void ID_2_A_CA_that_may_not_sign()
    {
        SvidRig.Refused("keyCertSign", _rig.Check(Below(Authority with { KeyUsage = X509KeyUsageFlags.CrlSign }, out var odd), odd));
        SvidRig.Refused("keyCertSign", _rig.Check(Below(Authority with { KeyUsage = null }, out odd), odd));
        SvidRig.Refused("it is no CA", _rig.Check(Below(Authority with { IsAuthority = null }, out odd), odd));
    }

    [Theory]
    [InlineData(true, "the root above it: it may not sign")]
    [InlineData(false, "the root above it: it is a CA whose own URI")]
    public void ID_2_A_root_keeps_the_rules_of_a_CA_too(bool cannotSign, string rule)
    {
        var odd = cannotSign ? Authority with { KeyUsage = null } : Authority with { Names = [[(UriName, "spiffe://micro.test/authority")]] };
        SvidRig.Refused(rule, new SvidRig { Root = odd.Sign() }.Check(new CertificateDesign()));
    }

    [Theory]
    [InlineData("spiffe://micro.test/authority")]
    [InlineData("spiffe://micro.test/")]
    [InlineData("https://micro.test")]
    public void ID_2_A_CA_whose_id_has_a_path(string id) =>
        SvidRig.Refused("without a path", _rig.Check(Below(Authority.WithId(id), out var odd), odd));

    [Fact]
    public void ID_2_A_CA_with_two_URIs() => SvidRig.Refused(
        "more than one URI", _rig.Check(Below(Authority with { Names = [[(UriName, "spiffe://micro.test"), (UriName, "spiffe://other.test")]] }, out var odd), odd));

    [Fact]
    public void ID_2_A_CA_with_an_unknown_critical_extension() =>
        SvidRig.Refused("unknown critical extension 1.2.3.4", _rig.Check(Below(Authority with { More = [("1.2.3.4", true, [5, 0])] }, out var odd), odd));

    [Fact]
    public void ID_2_A_CA_made_for_something_else()
    {
        foreach (var purpose in new[] { CodeSigning, ServerAuth, ClientAuth })
        {
            SvidRig.Refused("not for serverAuth and clientAuth", _rig.Check(Below(Authority with { Purposes = [purpose] }, out var odd), odd));
        }

        SvidRig.Accepted(_rig.Check(Below(Authority with { Purposes = [ServerAuth, ClientAuth] }, out var good), good));
    }

    [Fact]
    public void ID_2_A_path_over_what_was_not_sent_or_to_another_root()
    {
        var (between, other) = (Authority.Sign(_rig.Root), Authority.Sign());
        List<byte[]> path = [.. new[] { new CertificateDesign().Sign(between), between, _rig.Root }.Select(one => one.Certificate.RawData)];

        Assert.Null(SvidChain.CheckPath(path, [other.Certificate, between.Certificate], [other.Certificate, _rig.Root.Certificate]));
        Assert.Contains("did not send", SvidChain.CheckPath(path, [other.Certificate], [_rig.Root.Certificate]), StringComparison.Ordinal);
        Assert.Contains("not a root", SvidChain.CheckPath(path, [between.Certificate], [other.Certificate]), StringComparison.Ordinal);
    }

    [Fact]
    public void ID_2_More_CAs_than_one_above_allows()
    {
        var upper = (Authority with { PathLength = 0 }).Sign(_rig.Root);
        var lower = Authority.Sign(upper);
        SvidRig.Accepted(_rig.Check(new CertificateDesign().Sign(upper), upper));
        SvidRig.Refused("pathLenConstraint", _rig.Check(new CertificateDesign().Sign(lower), lower, upper));
    }

    [Fact]
    public void ID_2_Name_constraints()
    {
        SvidRig.Accepted(_rig.Check(Below(Authority with { More = [Permit("micro.test")] }, out var own), own));
        SvidRig.Refused("name constraints", _rig.Check(Below(Authority with { More = [Permit("other.test")] }, out var other), other));
        SvidRig.Refused("name constraints", new SvidRig { Root = (Authority with { More = [Permit("other.test")] }).Sign() }.Check(new CertificateDesign()));
    }

    [Fact]
    public void ID_12_Weak_keys_and_signatures_above_a_leaf()
    {
        SvidRig.Refused("a certificate above it: its RSA key has 1024 bits", _rig.Check(Below(Authority with { Key = () => RSA.Create(1024) }, out var odd), odd));
        SvidRig.Refused("a certificate above it: it is signed with", _rig.Check(Below(Authority with { Hash = HashAlgorithmName.SHA1 }, out odd), odd));
        SvidRig.Refused("the root above it: its RSA key has 1024 bits", new SvidRig { Root = (Authority with { Key = () => RSA.Create(1024) }).Sign() }.Check(new CertificateDesign()));
    }

    [Fact]
    public void ID_3_A_trust_domain_without_roots()
    {
        var foreign = new CertificateDesign().WithId("spiffe://other.test/default/greeter").Sign(_rig.Root);
        SvidRig.Refused("nobody of the trust domain 'other.test'", _rig.Check(foreign));
        SvidRig.Refused("nobody of the trust domain", _rig.Check(new CertificateDesign().Sign(_rig.Root), TrustBundle.Empty, null));
    }

    [Fact]
    public void ID_3_Roots_of_one_domain_never_vouch_for_another()
    {
        var (own, other) = (_rig.Root, Authority.Sign());
        var both = SvidRig.Trust(("micro.test", [own]), ("other.test", [other]));
        var foreigner = new CertificateDesign().WithId("spiffe://other.test/default/greeter");

        SvidRig.Accepted(_rig.Check(new CertificateDesign().Sign(own), both, null));
        SvidRig.Accepted(_rig.Check(foreigner.Sign(other), both, null), "spiffe://other.test/default/greeter");
        SvidRig.Refused("no root of its trust domain", _rig.Check(foreigner.Sign(own), both, null));
        SvidRig.Refused("no root of its trust domain", _rig.Check(new CertificateDesign().Sign(other), both, null));
        SvidRig.Refused("no root of its trust domain", _rig.Check(new CertificateDesign().Sign(other), both, null, other));
    }

    [Fact]
    public void ID_5_Another_service_than_the_expected_one()
    {
        var (leaf, bundle) = (new CertificateDesign().Sign(_rig.Root), SvidRig.TrustBundle(_rig.Root));
        SvidRig.Accepted(_rig.Check(leaf, bundle, ServiceIdentity.Parse(Id)));
        SvidRig.Refused("it is not spiffe://micro.test/default/admin", _rig.Check(leaf, bundle, ServiceIdentity.Parse("spiffe://micro.test/default/admin")));
    }

    [Fact]
    public void ID_6_An_old_and_a_new_root_are_both_trusted()
    {
        var next = Authority.Sign();
        var both = SvidRig.TrustBundle(_rig.Root, next);
        SvidRig.Accepted(_rig.Check(new CertificateDesign().Sign(_rig.Root), both, null));
        SvidRig.Accepted(_rig.Check(new CertificateDesign().Sign(next), both, null));
    }

    [Fact]
    public void ID_6_A_root_renewed_with_the_same_name_and_key_is_found_beside_the_expired_one()
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var root = Authority with { Subject = "Renewed", Key = () => key };
        var (before, after) = ((root with { NotBefore = Now.AddYears(-20), NotAfter = Now.AddDays(-1) }).Sign(), root.Sign());
        var leaf = new CertificateDesign().Sign(after);
        SvidRig.Accepted(_rig.Check(leaf, SvidRig.TrustBundle(before, after), null));
        SvidRig.Accepted(_rig.Check(leaf, SvidRig.TrustBundle(after, before), null));
        SvidRig.Refused("expired", _rig.Check(leaf, SvidRig.TrustBundle(before), null));
    }

    [Fact]
    public void ID_8_A_revoked_identity_and_a_revoked_certificate()
    {
        var (leaf, other) = (new CertificateDesign().Sign(_rig.Root), new CertificateDesign().Sign(_rig.Root));
        KeyValuePair<string, IReadOnlyList<X509Certificate2>>[] roots = [new(SvidRig.Domain, [_rig.Root.Certificate])];

        SvidRig.Refused("revoked", _rig.Check(leaf, new TrustBundle(roots, revoked: [ServiceIdentity.Parse(Id)]), null));
        var bySerial = new TrustBundle(roots, revokedSerials: [leaf.Certificate.GetSerialNumberString()]);
        SvidRig.Refused("revoked", _rig.Check(leaf, bySerial, null));
        SvidRig.Accepted(_rig.Check(other, bySerial, null));
    }

    [Fact]
    public void ID_2_More_certificates_than_anyone_needs()
    {
        var chain = new List<ForgedCertificate>();
        for (var above = _rig.Root; chain.Count < 99; chain.Add(above))
        {
            above = Authority.Sign(above);
        }

        SvidRig.Refused("it sent 100 certificates, and 5 is the limit", _rig.Check(new CertificateDesign().Sign(chain[^1]), [.. chain]));
        SvidRig.Accepted(_rig.Check(new CertificateDesign().Sign(chain[3]), [.. chain.Take(4)]));
        SvidRig.Refused("it sent 6 certificates", _rig.Check(new CertificateDesign().Sign(chain[4]), [.. chain.Take(5)]));
    }

    [Fact]
    public void ID_2_Certificates_of_a_megabyte()
    {
        var large = ("1.2.3.4", false, new byte[1_000_000]);
        SvidRig.Refused("65536 is the limit", _rig.Check(new CertificateDesign { More = [large] }));
        SvidRig.Refused("65536 is the limit", _rig.Check(Below(Authority with { More = [large] }, out var odd), odd));
        SvidRig.Accepted(_rig.Check(new CertificateDesign { More = [("1.2.3.4", false, new byte[60_000])] }));
    }

    [Fact]
    public void ID_9_Nothing_is_fetched_from_where_a_certificate_says()
    {
        using var trap = new ConnectionTrap();
        var between = (Authority with { More = [IssuerAt(trap.Url)] }).Sign(_rig.Root);
        var leaf = (new CertificateDesign { More = [IssuerAt(trap.Url)] }).Sign(between);

        SvidRig.Refused("no root of its trust domain", _rig.Check(leaf));
        SvidRig.Accepted(_rig.Check(leaf, between));
        Assert.Equal(0, trap.Connections);
    }

    [Fact]
    public void ID_9_A_policy_of_the_platform_would_have_fetched_it()
    {
        using var trap = new ConnectionTrap();
        var leaf = (new CertificateDesign { More = [IssuerAt(trap.Url)] }).Sign(Authority.Sign(_rig.Root));
        using var chain = new X509Chain { ChainPolicy = { RevocationMode = X509RevocationMode.NoCheck, UrlRetrievalTimeout = TimeSpan.FromSeconds(2) } };

        chain.Build(leaf.Certificate);
        Assert.NotEqual(0, trap.Connections);
    }

    [Fact]
    public void ID_14_Within_the_leeway_both_ends_of_the_validity_are_accepted()
    {
        var rig = new SvidRig();
        var leaf = new CertificateDesign { NotBefore = Now.AddSeconds(59), NotAfter = Now.AddMinutes(10) }.Sign(rig.Root);
        SvidRig.Accepted(rig.Check(leaf));
        rig.Time.Advance(TimeSpan.FromMinutes(11));
        SvidRig.Accepted(rig.Check(leaf));
    }

    [Fact]
    public void ID_14_Not_yet_valid_beyond_the_leeway_names_the_skew()
    {
        var peer = _rig.Check(new CertificateDesign { NotBefore = Now.AddSeconds(61), NotAfter = Now.AddHours(1) });
        SvidRig.Refused("its certificate is not valid before 2030-06-01 12:01:01Z, 00:01:01 from now", peer);
        SvidRig.Refused("the clock here says 2030-06-01 12:00:00Z, and a skew of 00:01:00 is allowed", peer);
    }

    [Fact]
    public void ID_14_Expired_beyond_the_leeway_names_the_skew()
    {
        var peer = _rig.Check(new CertificateDesign { NotAfter = Now.AddDays(-3) });
        SvidRig.Refused("its certificate has expired at 2030-05-29 12:00:00Z, 3.00:00:00 ago", peer);
        SvidRig.Refused("a skew of 00:01:00 is allowed", peer);
        SvidRig.Refused("expired", _rig.Check(new CertificateDesign { NotAfter = Now.AddSeconds(-61) }));
    }

    [Fact]
    public void ID_14_The_leeway_is_what_it_was_set_to()
    {
        var leaf = new CertificateDesign { NotAfter = Now.AddSeconds(-1) }.Sign(_rig.Root);
        var evidence = new PeerEvidence(leaf.Certificate, [], SvidRig.TrustBundle(_rig.Root));
        SvidRig.Refused("a skew of 00:00:00", new SvidValidator(_rig.Time, TimeSpan.Zero).Authenticate(evidence));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SvidValidator(_rig.Time, TimeSpan.FromSeconds(-1)));
    }

    [Fact]
    public void ID_2_A_live_leaf_below_an_expired_CA_or_root()
    {
        var expired = Authority with { NotBefore = Now.AddDays(-2), NotAfter = Now.AddDays(-1) };
        SvidRig.Refused("the root above it has expired", new SvidRig { Root = expired.Sign() }.Check(new CertificateDesign()));
        SvidRig.Refused("a certificate above it has expired", _rig.Check(Below(expired, out var odd), odd));
    }

    [Fact]
    public void ID_7_A_peer_is_known_no_longer_than_the_first_certificate_that_ends()
    {
        var brief = Authority with { NotAfter = Now.AddMinutes(5) };
        Assert.Equal(Now.AddMinutes(5), _rig.Check(Below(brief, out var between), between).NotAfter);
    }

    [Fact]
    public void ID_2_What_cannot_be_read_is_refused()
    {
        var evidence = new PeerEvidence(new CertificateDesign().Sign(_rig.Root).Certificate, null!, SvidRig.TrustBundle(_rig.Root));
        SvidRig.Refused("could not be checked", new SvidValidator(_rig.Time).Authenticate(evidence));
        SvidRig.Refused("not well-formed", _rig.Check(new CertificateDesign { Purposes = null, More = [("2.5.29.37", true, [4, 1, 0])] }));
        SvidRig.Refused("not well-formed", _rig.Check(new CertificateDesign { Names = [], More = [("2.5.29.17", false, [0x30, 0x80, 0, 0])] }));
    }

    [Fact]
    public void ID_2_No_bit_of_a_certificate_can_be_changed()
    {
        var good = new CertificateDesign().Sign(_rig.Root).Certificate.RawData;
        var bundle = SvidRig.TrustBundle(_rig.Root);
        Gen.Select(Gen.Int[0, good.Length - 1], Gen.Int[0, 7]).Sample((at, bit) =>
        {
            var der = (byte[])good.Clone();
            der[at] ^= (byte)(1 << bit);
            try
            {
                var evidence = new PeerEvidence(X509CertificateLoader.LoadCertificate(der), [], bundle);
                return new SvidValidator(_rig.Time).Authenticate(evidence) is { Identity: null, Refusal.Length: > 0 };
            }
            catch (CryptographicException)
            {
                return true;
            }
        });
    }

    private static ForgedCertificate Below(CertificateDesign authority, out ForgedCertificate signed) => new CertificateDesign().Sign(signed = authority.Sign(_rig.Root));
}
