using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Micro.Security;

/// <summary>
/// Signs leaves with one root. What a leaf says is decided here and by the caller's entitlement, never by the request. Thread-safe. Sources: X509-SVID.md,
/// sections 2 to 4; RFC 5280, section 4.
/// </summary>
internal sealed class CertificateAuthority
{
    /// <summary>Longest lifetime of a leaf.</summary>
    public static readonly TimeSpan MaxLeafLifetime = TimeSpan.FromHours(24);

    // clientAuth and serverAuth: a service is both.
    private const string ServerUse = "1.3.6.1.5.5.7.3.1";
    private const string ClientUse = "1.3.6.1.5.5.7.3.2";

    private readonly X509Certificate2 _root;
    private readonly string _trustDomain;
    private readonly TimeSpan _skew;
    private readonly TimeProvider _time;

    /// <param name="root">With its private key.</param>
    /// <param name="trustDomain">The only one whose identities it signs.</param>
    /// <param name="skew">By how much earlier than now a leaf is valid, for clocks that are behind.</param>
    /// <param name="time">The clock.</param>
    public CertificateAuthority(X509Certificate2 root, string trustDomain, TimeSpan skew, TimeProvider time)
    {
        _root = root;
        _trustDomain = trustDomain;
        _skew = skew;
        _time = time;
    }

    /// <summary>Makes a self-signed root on P-256, with its private key.</summary>
    public static X509Certificate2 CreateRoot(string trustDomain, TimeSpan lifetime, TimeSpan skew, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var serial = NewSerial();

        // Two roots of one domain are told apart by name as well as by key, so that no chain builder has to try both. A common name has at most 64 characters.
        var domain = trustDomain.Length <= 40 ? trustDomain : trustDomain[..40];
        var request = new CertificateRequest($"O=Micro, CN={domain} root {Convert.ToHexStringLower(serial.AsSpan(1, 4))}", key, HashAlgorithmName.SHA256);
        var extensions = request.CertificateExtensions;
        extensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 0, critical: true));
        extensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        extensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        extensions.Add(SpiffeNames.Write($"spiffe://{trustDomain}"));
        using var root = request.Create(request.SubjectName, X509SignatureGenerator.CreateForECDsa(key), now - skew, now + lifetime, serial);
        return root.CopyWithPrivateKey(key);
    }

    /// <summary>Makes a key and a leaf for it.</summary>
    /// <exception cref="CredentialException">The identity is of another trust domain, or the root is over.</exception>
    public IssuedLeaf Issue(ServiceIdentity identity, TimeSpan lifetime)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = _time.GetUtcNow();
        using var certificate = Sign(identity, new PublicKey(key), lifetime, now);
        return new IssuedLeaf(certificate.CopyWithPrivateKey(key), AuthorityRoot.FingerprintOf(_root), now);
    }

    /// <summary>Makes a leaf for the key of a request.</summary>
    /// <param name="entitled">Who asks, as it was proven to the caller of this method; what the request says does not count.</param>
    /// <param name="request">The key.</param>
    /// <param name="lifetime">Cut to <see cref="MaxLeafLifetime"/> and the life of the root.</param>
    /// <exception cref="CredentialException">The identity is of another trust domain, or the root is over.</exception>
    public X509Certificate2 Sign(ServiceIdentity entitled, SigningRequest request, TimeSpan lifetime) =>
        Sign(entitled, request.Key, lifetime, _time.GetUtcNow());

    private X509Certificate2 Sign(ServiceIdentity identity, PublicKey key, TimeSpan lifetime, DateTimeOffset now)
    {
        if (identity.TrustDomain != _trustDomain)
        {
            throw new CredentialException($"The authority of '{_trustDomain}' does not sign for '{identity}'.");
        }

        var end = now + TimeSpan.FromTicks(Math.Clamp(lifetime.Ticks, TimeSpan.TicksPerSecond, MaxLeafLifetime.Ticks));
        var last = new DateTimeOffset(_root.NotAfter.ToUniversalTime());
        if (last <= now)
        {
            throw new CredentialException($"The root of '{_trustDomain}' expired at {last:u}; make a new one.");
        }

        var start = Later(now - _skew, new DateTimeOffset(_root.NotBefore.ToUniversalTime()));
        var request = new CertificateRequest(new X500DistinguishedName("O=Micro"), key, HashAlgorithmName.SHA256);
        var extensions = request.CertificateExtensions;
        extensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        extensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        extensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerUse), new Oid(ClientUse)], critical: false));
        extensions.Add(new X509SubjectKeyIdentifierExtension(key, critical: false));
        extensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_root, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        extensions.Add(SpiffeNames.Write(identity.ToString()));

        // A key object of its own for each signature: one is not to be used by two threads.
        using var signer = _root.GetECDsaPrivateKey() ?? throw new CredentialException($"The key of the root of '{_trustDomain}' is not there.");
        return request.Create(_root.SubjectName, X509SignatureGenerator.CreateForECDsa(signer), start, end < last ? end : last, NewSerial());
    }

    // 128 random bits behind a 1, which keeps the number positive and its length fixed.
    private static byte[] NewSerial()
    {
        var serial = new byte[17];
        serial[0] = 1;
        RandomNumberGenerator.Fill(serial.AsSpan(1));
        return serial;
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
}
