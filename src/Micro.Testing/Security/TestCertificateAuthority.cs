using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Micro.Security;

namespace Micro.Testing.Security;

/// <summary>
/// Makes certificates for tests: a root of a trust domain of its own, authorities below it, and the credentials of services. Everything is kept in memory and made
/// of P-256 keys. Thread-safe; the certificates live as long as the process.
/// </summary>
public sealed class TestCertificateAuthority
{
    private readonly TimeProvider _time;
    private readonly X509Certificate2 _certificate;
    private readonly IReadOnlyList<X509Certificate2> _chain;

    /// <summary>Makes a root, valid for ten years.</summary>
    /// <param name="trustDomain">The trust domain whose members it names.</param>
    /// <param name="time">The clock of the test; null for the system's.</param>
    public TestCertificateAuthority(string trustDomain = "micro.test", TimeProvider? time = null)
    {
        _time = time ?? TimeProvider.System;
        TrustDomain = trustDomain.ToLowerInvariant();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = AuthorityRequest(key);
        var now = _time.GetUtcNow();
        _certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(10));
        _chain = [];
        Bundle = BundleOf([this]);
    }

    private TestCertificateAuthority(TestCertificateAuthority above)
    {
        _time = above._time;
        TrustDomain = above.TrustDomain;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _certificate = above.Sign(AuthorityRequest(key), key, above._certificate.NotAfter.ToUniversalTime());
        _chain = [PublicPart(_certificate), .. above._chain];
        Bundle = above.Bundle;
    }

    /// <summary>The trust domain, in lower case.</summary>
    public string TrustDomain { get; }

    /// <summary>The certificate of this authority, without its key.</summary>
    public X509Certificate2 Certificate => PublicPart(_certificate);

    /// <summary>Trusts the root above this authority, and nobody else.</summary>
    public TrustBundle Bundle { get; }

    /// <summary>Trusts the roots of several authorities, each for its own trust domain.</summary>
    /// <param name="authorities">Roots; those of one trust domain are all trusted for it.</param>
    /// <param name="sequence">Number of the bundle.</param>
    /// <param name="revoked">Identities that are trusted no more.</param>
    /// <param name="revokedSerials">Serial numbers of leaves that are trusted no more.</param>
    public static TrustBundle BundleOf(
        IEnumerable<TestCertificateAuthority> authorities, long sequence = 1, IEnumerable<ServiceIdentity>? revoked = null, IEnumerable<string>? revokedSerials = null) =>
        new(
            authorities.GroupBy(one => one.TrustDomain).Select(domain => KeyValuePair.Create<string, IReadOnlyList<X509Certificate2>>(domain.Key, [.. domain.Select(one => one.Certificate)])),
            sequence,
            revoked,
            revokedSerials);

    /// <summary>An authority of the same trust domain, signed by this one.</summary>
    public TestCertificateAuthority CreateIntermediate() => new(this);

    /// <summary>Makes the credential of a service.</summary>
    /// <param name="service">The service's name.</param>
    /// <param name="namespace">Its namespace.</param>
    /// <param name="lifetime">How long its leaf is valid; null for one hour.</param>
    /// <param name="bundle">Whom it trusts; null for <see cref="Bundle"/>.</param>
    /// <param name="superseded">Cancelled by the test when it has a newer one; null when it never will.</param>
    public ServiceCredential Issue(
        string service, string @namespace = "default", TimeSpan? lifetime = null, TrustBundle? bundle = null, CancellationTokenSource? superseded = null)
    {
        var identity = ServiceIdentity.Create(TrustDomain, @namespace, service);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={service}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri(identity.ToString()));
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], false));
        var leaf = Sign(request, key, _time.GetUtcNow() + (lifetime ?? TimeSpan.FromHours(1)));
        return new ServiceCredential(identity, leaf, _chain, bundle ?? Bundle, superseded?.Token ?? CancellationToken.None);
    }

    private static X509Certificate2 PublicPart(X509Certificate2 certificate) => X509CertificateLoader.LoadCertificate(certificate.RawData);

    private CertificateRequest AuthorityRequest(ECDsa key)
    {
        var request = new CertificateRequest($"CN=Test authority {Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509SubjectAlternativeNameExtension(TrustDomainName()));
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        return request;
    }

    // By hand: System.Uri ends the id of a trust domain with a slash, and then it is none.
    private byte[] TrustDomainName()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteCharacterString(UniversalTagNumber.IA5String, $"spiffe://{TrustDomain}", new Asn1Tag(TagClass.ContextSpecific, 6));
        }

        return writer.Encode();
    }

    private X509Certificate2 Sign(CertificateRequest request, ECDsa key, DateTimeOffset notAfter)
    {
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] &= 0x7f;
        var (from, until) = (_time.GetUtcNow().AddHours(-1), _certificate.NotAfter.ToUniversalTime());
        using var issuerKey = _certificate.GetECDsaPrivateKey()!;
        using var signed = request.Create(
            _certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(issuerKey), from, notAfter < until ? notAfter : until, serial);
        return signed.CopyWithPrivateKey(key);
    }
}
