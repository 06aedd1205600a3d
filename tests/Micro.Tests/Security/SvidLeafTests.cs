using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Micro.Security;
using Micro.Tests.Support;
using static Micro.Tests.Support.CertificateDesign;

namespace Micro.Tests.Security;

/// <summary>What a leaf has to be: one wrong certificate for each rule, each of them signed by the trusted root.</summary>
public sealed class SvidLeafTests
{
    private static readonly SvidRig _rig = new();

    [Fact]
    public void ID_2_A_good_leaf_is_accepted()
    {
        var leaf = new CertificateDesign().Sign(_rig.Root);
        var peer = _rig.Check(leaf);

        SvidRig.Accepted(peer);
        Assert.Equal(("micro.test", "default", "greeter"), (peer.Identity!.TrustDomain, peer.Identity.Namespace, peer.Identity.Service));
        Assert.Equal(Now.AddHours(1), peer.NotAfter);
        Assert.Equal(leaf.Certificate.GetSerialNumberString(), peer.Serial);
    }

    [Fact]
    public void ID_2_What_the_rules_leave_open_is_accepted()
    {
        SvidRig.Accepted(_rig.Check(new CertificateDesign { Purposes = null }));
        SvidRig.Accepted(_rig.Check(new CertificateDesign { Purposes = [ClientAuth, CodeSigning, ServerAuth] }));
        SvidRig.Accepted(_rig.Check(new CertificateDesign { IsAuthority = null }));
        SvidRig.Accepted(_rig.Check(new CertificateDesign { KeyUsage = X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyAgreement }));
        SvidRig.Accepted(_rig.Check(new CertificateDesign { Names = [[(DnsName, "greeter.example"), (UriName, Id), (DnsName, "other.example")]] }));
        SvidRig.Accepted(_rig.Check(new CertificateDesign { More = [("1.2.3.4", false, [5, 0])] }));
        SvidRig.Accepted(_rig.Check(new CertificateDesign { NotAfter = new DateTimeOffset(9999, 12, 31, 23, 59, 59, TimeSpan.Zero) }));
    }

    [Fact]
    public void ID_2_No_certificate() => SvidRig.Refused("no certificate", _rig.Check((ForgedCertificate?)null));

    [Theory]
    [InlineData(ClientAuth)]
    [InlineData(ServerAuth)]
    [InlineData(CodeSigning)]
    [InlineData("2.5.29.37.0")]
    public void ID_2_Only_one_purpose(string purpose) =>
        SvidRig.Refused("not both serverAuth and clientAuth", _rig.Check(new CertificateDesign { Purposes = [purpose] }));

    [Fact]
    public void ID_2_Two_URIs() => SvidRig.Refused("2 URIs", _rig.Check(new CertificateDesign { Names = [[(UriName, Id), (UriName, "spiffe://micro.test/default/admin")]] }));

    [Fact]
    public void ID_2_The_same_URI_twice() => SvidRig.Refused("2 URIs", _rig.Check(new CertificateDesign { Names = [[(UriName, Id), (UriName, Id)]] }));

    [Fact]
    public void ID_2_A_SPIFFE_id_and_another_URI() =>
        SvidRig.Refused("2 URIs", _rig.Check(new CertificateDesign { Names = [[(UriName, Id), (UriName, "https://greeter.example/")]] }));

    [Fact]
    public void ID_2_Two_extensions_with_alternative_names()
    {
        SvidRig.Refused("extension 2.5.29.17 more than once", _rig.Check(new CertificateDesign { Names = [[(UriName, Id)], [(UriName, "spiffe://micro.test/default/admin")]] }));
        SvidRig.Refused("extension 2.5.29.17 more than once", _rig.Check(new CertificateDesign { Names = [[(UriName, Id)], [(DnsName, "greeter.example")]] }));
    }

    [Fact]
    public void ID_2_The_URIs_of_all_extensions_count()
    {
        var both = new CertificateDesign { Names = [[(UriName, Id)], [(UriName, "spiffe://micro.test/default/admin")]] }.Sign(_rig.Root);
        Assert.Equal(2, CertificateReader.Read(both.Certificate.RawDataMemory).Uris.Count);
    }

    [Fact]
    public void ID_2_Two_extensions_with_key_usage() =>
        SvidRig.Refused("extension 2.5.29.15 more than once", _rig.Check(new CertificateDesign { More = [("2.5.29.15", true, [3, 2, 7, 128])] }));

    [Fact]
    public void ID_2_A_DNS_name_only() => SvidRig.Refused("no URI", _rig.Check(new CertificateDesign { Names = [[(DnsName, "greeter.example")]] }));

    [Fact]
    public void ID_2_No_alternative_name() => SvidRig.Refused("no URI", _rig.Check(new CertificateDesign { Names = [] }));

    [Fact]
    public void ID_2_A_CA_as_leaf() => SvidRig.Refused("a CA authenticates nobody", _rig.Check(new CertificateDesign { IsAuthority = true }));

    [Fact]
    public void ID_2_The_root_itself_as_leaf() => SvidRig.Refused("a CA authenticates nobody", _rig.Check(_rig.Root));

    [Fact]
    public void ID_2_No_key_usage() => SvidRig.Refused("no key usage", _rig.Check(new CertificateDesign { KeyUsage = null }));

    [Fact]
    public void ID_2_Key_usage_not_critical() => SvidRig.Refused("not marked critical", _rig.Check(new CertificateDesign { IsKeyUsageCritical = false }));

    [Theory]
    [InlineData(X509KeyUsageFlags.KeyCertSign)]
    [InlineData(X509KeyUsageFlags.CrlSign)]
    public void ID_2_Key_usage_of_a_CA(X509KeyUsageFlags usage) =>
        SvidRig.Refused("keyCertSign or cRLSign", _rig.Check(new CertificateDesign { KeyUsage = X509KeyUsageFlags.DigitalSignature | usage }));

    [Fact]
    public void ID_2_Key_usage_without_signatures() =>
        SvidRig.Refused("lacks digitalSignature", _rig.Check(new CertificateDesign { KeyUsage = X509KeyUsageFlags.KeyEncipherment }));

    [Fact]
    public void ID_2_An_unknown_critical_extension() =>
        SvidRig.Refused("unknown critical extension 1.2.3.4", _rig.Check(new CertificateDesign { More = [("1.2.3.4", true, [5, 0])] }));

    [Fact]
    public void ID_2_An_old_version() => SvidRig.Refused("version 1", _rig.Check(new CertificateDesign { Version = 1 }));

    [Theory]
    [InlineData("spiffe://micro.test:8443/default/greeter", "trust domain")]
    [InlineData("spiffe://user@micro.test/default/greeter", "trust domain")]
    [InlineData("spiffe://micro%2etest/default/greeter", "trust domain")]
    [InlineData("spiffe:///default/greeter", "trust domain")]
    [InlineData("spiffe://micro.test/default/greeter?x=1", "character other")]
    [InlineData("spiffe://micro.test/default/greeter#x", "character other")]
    [InlineData("spiffe://micro.test/default/%2e%2e/greeter", "character other")]
    [InlineData("spiffe://micro.test/default/greeter\0.evil", "character other")]
    [InlineData("spiffe://micro.test\0.evil/default/greeter", "trust domain")]
    [InlineData("spiffe://micro.test/default/../greeter", "dot segment")]
    [InlineData("spiffe://micro.test/default/./greeter", "dot segment")]
    [InlineData("spiffe://micro.test/default//greeter", "empty segment")]
    [InlineData("spiffe://micro.test/default/greeter/", "trailing slash")]
    [InlineData("spiffe://micro.test/", "no path")]
    [InlineData("spiffe://micro.test", "no path")]
    [InlineData("spiffe://mícro.test/default/greeter", "outside ASCII")]
    [InlineData("spiffe://micro.test/default/grüßer", "outside ASCII")]
    [InlineData("https://micro.test/default/greeter", "scheme")]
    [InlineData(" spiffe://micro.test/default/greeter", "scheme")]
    [InlineData("", "scheme")]
    public void ID_2_An_id_that_is_none(string id, string rule) => SvidRig.Refused(rule, _rig.Check(new CertificateDesign().WithId(id)));

    [Fact]
    public void ID_2_An_id_that_is_too_long()
    {
        const string Start = "spiffe://micro.test/";
        var longest = Start + new string('a', ServiceIdentity.MaxLength - Start.Length);
        SvidRig.Accepted(_rig.Check(new CertificateDesign().WithId(longest)), longest);
        SvidRig.Refused("longer than 2048 bytes", _rig.Check(new CertificateDesign().WithId(longest + "a")));
    }

    [Fact]
    public void ID_2_Upper_case_in_scheme_and_domain_is_lowered_and_in_the_path_kept()
    {
        SvidRig.Accepted(_rig.Check(new CertificateDesign().WithId("SPIFFE://Micro.TEST/default/Greeter")), "spiffe://micro.test/default/Greeter");
        SvidRig.Refused("was to be called", _rig.Check(
            new CertificateDesign().WithId("spiffe://micro.test/default/Greeter").Sign(_rig.Root), SvidRig.TrustBundle(_rig.Root), ServiceIdentity.Parse(Id)));
    }

    [Fact]
    public void ID_2_An_ASCII_form_of_an_international_name_is_a_name_like_others()
    {
        const string Punycode = "spiffe://xn--mcro-vpa.test/default/greeter";
        SvidRig.Refused("nobody of the trust domain 'xn--mcro-vpa.test'", _rig.Check(new CertificateDesign().WithId(Punycode)));
    }

    [Fact]
    public void ID_15_A_reason_is_printable_whatever_the_certificate_says()
    {
        var refusal = _rig.Check(new CertificateDesign().WithId("spiffe://micro.test/a\r\ninfo: all is well\u001b[2K")).Refusal!;
        Assert.DoesNotContain(refusal, char.IsControl);
    }

    [Fact]
    public void ID_12_Strong_keys_are_accepted()
    {
        SvidRig.Accepted(_rig.Check(new CertificateDesign { Key = () => ECDsa.Create(ECCurve.NamedCurves.nistP384) }));
        SvidRig.Accepted(_rig.Check(new CertificateDesign { Key = () => RSA.Create(2048) }));
    }

    [Fact]
    public void ID_12_Weak_and_odd_keys()
    {
        SvidRig.Refused("1024 bits", _rig.Check(new CertificateDesign { Key = () => RSA.Create(1024) }));
        SvidRig.Refused("2040 bits", _rig.Check(new CertificateDesign { Key = () => RSA.Create(2040) }));
        SvidRig.Refused("another curve", _rig.Check(new CertificateDesign { Key = () => ECDsa.Create(ECCurve.NamedCurves.nistP521) }));
        SvidRig.Refused("another curve", _rig.Check(new CertificateDesign { Key = () => ECDsa.Create(ECCurve.CreateFromFriendlyName("secp256k1")) }));
    }

    [Fact]
    public void ID_12_A_curve_that_is_spelled_out()
    {
        using var named = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var spelled = ECDsa.Create(named.ExportExplicitParameters(true));
        SvidRig.Refused("another curve", _rig.Check(new CertificateDesign { PublicKey = spelled.ExportSubjectPublicKeyInfo() }));
    }

    [Fact]
    public void ID_12_A_key_of_another_kind()
    {
        byte[] ed25519 = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00, .. RandomNumberGenerator.GetBytes(32)];
        SvidRig.Refused("of the kind 1.3.101.112", _rig.Check(new CertificateDesign { PublicKey = ed25519 }));
    }

    [Fact]
    public void ID_12_An_RSA_key_that_takes_long_to_check()
    {
        var modulus = new byte[2048];
        Array.Fill(modulus, (byte)0xff);
        var key = new PublicKey(RSA.Create(new RSAParameters { Modulus = modulus, Exponent = [1, 0, 1] })).ExportSubjectPublicKeyInfo();
        SvidRig.Refused("16384 bits", _rig.Check(new CertificateDesign { PublicKey = key }));
    }

    [Fact]
    public void ID_12_Strong_signatures_are_accepted()
    {
        foreach (var hash in new[] { HashAlgorithmName.SHA256, HashAlgorithmName.SHA384, HashAlgorithmName.SHA512 })
        {
            SvidRig.Accepted(_rig.Check(new CertificateDesign { Hash = hash }));
        }

        var rsa = new SvidRig { Root = (Authority with { Key = () => RSA.Create(2048) }).Sign() };
        SvidRig.Accepted(rsa.Check(new CertificateDesign()));
        SvidRig.Accepted(rsa.Check(new CertificateDesign { Padding = RSASignaturePadding.Pss, Hash = HashAlgorithmName.SHA384 }));
    }

    [Fact]
    public void ID_12_A_SHA_1_signature()
    {
        SvidRig.Refused("signed with 1.2.840.10045.4.1,", _rig.Check(new CertificateDesign { Hash = HashAlgorithmName.SHA1 }));
        var rsa = new SvidRig { Root = (Authority with { Key = () => RSA.Create(2048) }).Sign() };
        SvidRig.Refused("signed with 1.2.840.113549.1.1.5,", rsa.Check(new CertificateDesign { Hash = HashAlgorithmName.SHA1 }));
        SvidRig.Refused("signed with 1.2.840.113549.1.1.10,", rsa.Check(new CertificateDesign { Hash = HashAlgorithmName.SHA1, Padding = RSASignaturePadding.Pss }));
    }

    [Fact]
    public void ID_12_Two_names_for_one_signature()
    {
        byte[] sha512 = [0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x04];
        SvidRig.Refused("not well-formed", _rig.Check(new CertificateDesign { OtherAlgorithm = sha512 }));
    }
}
