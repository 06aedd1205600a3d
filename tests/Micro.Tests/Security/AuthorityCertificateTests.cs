using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Micro.Security;

namespace Micro.Tests.Security;

/// <summary>What the authority signs, by the bytes of what it signed.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class AuthorityCertificateTests : IDisposable
{
    private readonly AuthorityRig _rig = new();
    private readonly X509Certificate2 _root;
    private readonly CertificateAuthority _authority;

    public AuthorityCertificateTests()
    {
        _root = CertificateAuthority.CreateRoot("micro.local", TimeSpan.FromDays(10), TimeSpan.FromMinutes(1), _rig.Time.GetUtcNow());
        _authority = new CertificateAuthority(_root, "micro.local", TimeSpan.FromMinutes(1), _rig.Time);
    }

    private DateTime Now => _rig.Time.GetUtcNow().UtcDateTime;

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void ID_12_The_root_is_what_an_authority_of_SPIFFE_has_to_be()
    {
        Assert.Equal(["2.5.29.14", "2.5.29.15", "2.5.29.17", "2.5.29.19"], _root.Extensions.Select(one => one.Oid!.Value).Order());
        var constraints = _root.Extensions.OfType<X509BasicConstraintsExtension>().Single();
        Assert.True(constraints is { CertificateAuthority: true, Critical: true, HasPathLengthConstraint: true, PathLengthConstraint: 0 });
        var usage = _root.Extensions.OfType<X509KeyUsageExtension>().Single();
        Assert.True(usage.Critical);
        Assert.Equal(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, usage.KeyUsages);
        Assert.Equal(San("spiffe://micro.local"), _root.Extensions["2.5.29.17"]!.RawData);
        Assert.Equal("1.2.840.10045.4.3.2", _root.SignatureAlgorithm.Value); // ECDSA with SHA-256
        Assert.Null(PublicKeyRules.Refusal(_root.PublicKey));
        Assert.Equal(Now.AddMinutes(-1), _root.NotBefore.ToUniversalTime());
        Assert.Equal(Now.AddDays(10), _root.NotAfter.ToUniversalTime());
        Assert.Equal(_root.IssuerName.RawData, _root.SubjectName.RawData);
    }

    [Fact]
    public void ID_13_A_leaf_says_exactly_what_it_should()
    {
        var leaf = _authority.Issue(AuthorityRig.Cart, TimeSpan.FromHours(1));
        AssertLeaf(leaf.Certificate, AuthorityRig.Cart, TimeSpan.FromHours(1));
        Assert.True(leaf.Certificate.HasPrivateKey);
        Assert.Equal(AuthorityRoot.FingerprintOf(_root), leaf.Issuer);
        Assert.Equal(_rig.Time.GetUtcNow(), leaf.IssuedAt);
        Assert.True(_rig.Chains(leaf.Certificate, new TrustBundle([new("micro.local", [_root])])));
    }

    [Fact]
    public void ID_13_Serial_numbers_have_128_random_bits_and_are_positive()
    {
        var serials = Enumerable.Range(0, 200).Select(_ => _authority.Issue(AuthorityRig.Cart, TimeSpan.FromHours(1)).Certificate.SerialNumberBytes.ToArray()).ToArray();
        Assert.All(serials, serial => Assert.True(serial.Length == 17 && serial[0] == 1));
        for (var i = 1; i < 17; i++)
        {
            Assert.True(serials.Select(serial => serial[i]).Distinct().Count() > 60, $"Byte {i} is not random.");
        }
    }

    [Theory]
    [InlineData(0.001, 1)]
    [InlineData(3600, 3600)]
    [InlineData(86400, 86400)]
    [InlineData(86400 * 400.0, 86400)]
    public void ID_13_A_leaf_lives_24_hours_at_most(double seconds, double expected) =>
        AssertLeaf(_authority.Issue(AuthorityRig.Cart, TimeSpan.FromSeconds(seconds)).Certificate, AuthorityRig.Cart, TimeSpan.FromSeconds(expected));

    [Fact]
    public void ID_13_A_leaf_does_not_outlive_its_root_and_a_root_that_is_over_signs_nothing()
    {
        _rig.Time.Advance(TimeSpan.FromDays(10) - TimeSpan.FromMinutes(5));
        AssertLeaf(_authority.Issue(AuthorityRig.Cart, TimeSpan.FromHours(1)).Certificate, AuthorityRig.Cart, TimeSpan.FromMinutes(5));
        _rig.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.Contains("expired", Assert.Throws<CredentialException>(() => _authority.Issue(AuthorityRig.Cart, TimeSpan.FromHours(1))).Message);
    }

    [Fact]
    public void ID_13_Nothing_is_signed_for_another_trust_domain() =>
        Assert.Throws<CredentialException>(() => _authority.Issue(ServiceIdentity.Parse("spiffe://other.local/default/cart"), TimeSpan.FromHours(1)));

    [Fact]
    public void ID_13_Of_a_request_only_the_key_is_taken()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=admin, O=Evil", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.3")], false));
        request.CertificateExtensions.Add(new X509Extension("1.2.3.4.5", [5, 0], true));
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri("spiffe://micro.local/default/admin"));
        names.AddUri(new Uri("spiffe://micro.local/default/cart"));
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        var leaf = _authority.Sign(AuthorityRig.Cart, SigningRequest.Read(request.CreateSigningRequest()), TimeSpan.FromDays(3650));
        AssertLeaf(leaf, AuthorityRig.Cart, TimeSpan.FromHours(24));
        Assert.False(leaf.HasPrivateKey);
        Assert.Equal(key.ExportSubjectPublicKeyInfo(), leaf.PublicKey.ExportSubjectPublicKeyInfo());
        Assert.True(_rig.Chains(leaf, new TrustBundle([new("micro.local", [_root])])));
    }

    [Theory]
    [InlineData("P-256")]
    [InlineData("P-384")]
    [InlineData("RSA-2048")]
    public void ID_12_Keys_that_are_allowed_get_a_leaf(string kind)
    {
        var (request, _) = Request(kind);
        AssertLeaf(_authority.Sign(AuthorityRig.Cart, SigningRequest.Read(request), TimeSpan.FromHours(1)), AuthorityRig.Cart, TimeSpan.FromHours(1));
    }

    [Theory]
    [InlineData("P-521", "P-256 nor P-384")]
    [InlineData("secp256k1", "P-256 nor P-384")]
    [InlineData("RSA-1024", "1024 bits")]
    [InlineData("RSA-2040", "2040 bits")]
    [InlineData("SHA-1", "SHA-256 or better")]
    [InlineData("PSS", "SHA-256 or better")]
    public void ID_12_Weak_keys_and_signatures_are_refused(string kind, string says)
    {
        var (request, _) = Request(kind);
        Assert.Contains(says, Assert.Throws<CredentialException>(() => SigningRequest.Read(request)).Message);
    }

    [Fact]
    public void ID_13_A_request_has_to_be_signed_with_the_key_it_is_for()
    {
        using var victim = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var thief = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(new X500DistinguishedName("CN=x"), new PublicKey(victim), HashAlgorithmName.SHA256);
        var stolen = request.CreateSigningRequest(X509SignatureGenerator.CreateForECDsa(thief));
        Assert.Contains("not signed with its own key", Assert.Throws<CredentialException>(() => SigningRequest.Read(stolen)).Message);
    }

    [Fact]
    public void ID_13_No_changed_or_cut_request_is_taken_and_every_refusal_is_a_typed_one()
    {
        var (good, _) = Request("P-256");
        SigningRequest.Read(good);
        for (var i = 0; i < good.Length; i++)
        {
            var changed = good.ToArray();
            changed[i] ^= 1;
            Assert.Throws<CredentialException>(() => SigningRequest.Read(changed));
            Assert.Throws<CredentialException>(() => SigningRequest.Read(good[..i]));
        }

        Assert.Throws<CredentialException>(() => SigningRequest.Read([.. good, 0]));
        Assert.Throws<CredentialException>(() => SigningRequest.Read(Encoding.ASCII.GetBytes("-----BEGIN CERTIFICATE REQUEST-----")));
        Assert.Contains("larger", Assert.Throws<CredentialException>(() => SigningRequest.Read(new byte[SigningRequest.MaxBytes + 1])).Message);
    }

    private static (byte[] Request, AsymmetricAlgorithm Key) Request(string kind)
    {
        if (kind.StartsWith("P-", StringComparison.Ordinal) || kind == "secp256k1")
        {
            var curve = kind switch { "P-256" => ECCurve.NamedCurves.nistP256, "P-384" => ECCurve.NamedCurves.nistP384, "P-521" => ECCurve.NamedCurves.nistP521, _ => ECCurve.CreateFromFriendlyName(kind) };
            var ec = ECDsa.Create(curve);
            return (new CertificateRequest("CN=x", ec, HashAlgorithmName.SHA256).CreateSigningRequest(), ec);
        }

        var rsa = RSA.Create(kind switch { "RSA-1024" => 1024, "RSA-2040" => 2040, _ => 2048 });
        var request = new CertificateRequest(new X500DistinguishedName("CN=x"), rsa, HashAlgorithmName.SHA256, kind == "PSS" ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1);
        return (kind == "SHA-1" ? request.CreateSigningRequest(new Sha1Generator(rsa)) : request.CreateSigningRequest(), rsa);
    }

    private static byte[] San(string uri)
    {
        var text = Encoding.ASCII.GetBytes(uri);
        return [0x30, (byte)(text.Length + 2), 0x86, (byte)text.Length, .. text];
    }

    private void AssertLeaf(X509Certificate2 leaf, ServiceIdentity identity, TimeSpan lifetime)
    {
        Assert.Equal(["2.5.29.14", "2.5.29.15", "2.5.29.17", "2.5.29.19", "2.5.29.35", "2.5.29.37"], leaf.Extensions.Select(one => one.Oid!.Value).Order());
        Assert.Equal(["2.5.29.15", "2.5.29.19"], leaf.Extensions.Where(one => one.Critical).Select(one => one.Oid!.Value).Order());
        Assert.Equal([0x30, 0x00], leaf.Extensions["2.5.29.19"]!.RawData); // cA=false, by default as DER wants it
        Assert.Equal(X509KeyUsageFlags.DigitalSignature, leaf.Extensions.OfType<X509KeyUsageExtension>().Single().KeyUsages);
        var uses = leaf.Extensions.OfType<X509EnhancedKeyUsageExtension>().Single().EnhancedKeyUsages.Cast<Oid>();
        Assert.Equal(["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"], uses.Select(use => use.Value!).Order());
        Assert.Equal(San(identity.ToString()), leaf.Extensions["2.5.29.17"]!.RawData);
        var authority = leaf.Extensions.OfType<X509AuthorityKeyIdentifierExtension>().Single();
        Assert.Equal(_root.Extensions.OfType<X509SubjectKeyIdentifierExtension>().Single().SubjectKeyIdentifierBytes, authority.KeyIdentifier!.Value);
        Assert.Equal("O=Micro", leaf.Subject);
        Assert.Equal(_root.SubjectName.RawData, leaf.IssuerName.RawData);
        Assert.Equal("1.2.840.10045.4.3.2", leaf.SignatureAlgorithm.Value);
        Assert.Equal(3, leaf.Version);
        Assert.Equal(Now.AddMinutes(-1), leaf.NotBefore.ToUniversalTime());
        Assert.Equal(Now + lifetime, leaf.NotAfter.ToUniversalTime());
    }

    private sealed class Sha1Generator(RSA key) : X509SignatureGenerator
    {
        private readonly X509SignatureGenerator _inner = CreateForRSA(key, RSASignaturePadding.Pkcs1);

        public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm)
        {
            var writer = new AsnWriter(AsnEncodingRules.DER);
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier("1.2.840.113549.1.1.5");
                writer.WriteNull();
            }

            return writer.Encode();
        }

        public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm) => key.SignData(data, HashAlgorithmName.SHA1, RSASignaturePadding.Pkcs1);

        protected override PublicKey BuildPublicKey() => _inner.PublicKey;
    }
}
