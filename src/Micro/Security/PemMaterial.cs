using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Micro.Security;

/// <summary>What the three PEM files hold, checked: a leaf with its key, what lies between it and its root, and the roots.</summary>
/// <param name="Identity">The one identity the leaf names.</param>
/// <param name="Leaf">With its private key.</param>
/// <param name="Intermediates">In the order of the file.</param>
/// <param name="Roots">At least one.</param>
/// <param name="Digest">SHA-256 over the files without the key, to tell whether anything changed.</param>
internal sealed record PemMaterial(ServiceIdentity Identity, X509Certificate2 Leaf, X509Certificate2[] Intermediates, X509Certificate2[] Roots, string Digest)
{
    private const int MaxCertificates = 100;

    public DateTimeOffset NotAfter { get; } = new(Leaf.NotAfter.ToUniversalTime());

    /// <exception cref="CredentialException">A file cannot be read, or they do not fit together; the message names the file.</exception>
    public static PemMaterial Load(PemCredentialOptions options, MicroSecurityOptions security, TimeProvider time)
    {
        var (certificatePath, keyPath, bundlePath) = (options.Certificate!, options.Key!, options.Bundle!);

        // The key first: it may be the same file, and then this decides whether that is read at all.
        var key = SecretFile.ReadMountedKey(keyPath, options.AllowGroupReadableKey);
        try
        {
            var chain = SecretFile.ReadMounted(certificatePath);
            var bundle = SecretFile.ReadMounted(bundlePath);
            var certificates = Certificates(certificatePath, chain);
            var leaf = WithKey(certificates[0], certificatePath, keyPath, key);
            var identity = Check(leaf, certificatePath, security, time.GetUtcNow());
            var roots = Certificates(bundlePath, bundle);
            CheckAsPeersWill(new PeerEvidence(leaf, certificates[1..], new TrustBundle([new(identity.TrustDomain, roots)]), identity), options, security, time);
            return new PemMaterial(identity, leaf, certificates[1..], roots, DigestOf(chain, bundle));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    internal static X509Certificate2[] Certificates(string path, byte[] pem)
    {
        var found = new X509Certificate2Collection();
        try
        {
            // Blocks of other kinds are skipped, so that chain and key may be in one file.
            found.ImportFromPem(Encoding.ASCII.GetString(pem));
        }
        catch (CryptographicException exception)
        {
            throw SecretFile.Refuse("file", path, "has a certificate that cannot be read", exception);
        }

        // A block that was cut off is no block, and is skipped as well.
        var begun = pem.AsSpan().Count("-----BEGIN CERTIFICATE-----"u8);
        return found.Count switch
        {
            0 => throw SecretFile.Refuse("file", path, "has no certificate in PEM"),
            > MaxCertificates => throw SecretFile.Refuse("file", path, $"has more than {MaxCertificates} certificates"),
            var count when count != begun => throw SecretFile.Refuse("file", path, "is truncated"),
            _ => [.. found],
        };
    }

    internal static X509Certificate2 WithKey(X509Certificate2 leaf, string certificatePath, string keyPath, byte[] key)
    {
        if (PublicKeyRules.Refusal(leaf.PublicKey) is { } reason)
        {
            throw SecretFile.Refuse("file", certificatePath, $"is refused: {reason}. Allowed are {PublicKeyRules.Allowed}");
        }

        var pem = Encoding.ASCII.GetChars(key);
        try
        {
            if (PublicKeyRules.IsEllipticCurve(leaf.PublicKey))
            {
                using var ec = ECDsa.Create();
                ec.ImportFromPem(pem);
                return leaf.CopyWithPrivateKey(ec);
            }

            using var rsa = RSA.Create();
            rsa.ImportFromPem(pem);
            return leaf.CopyWithPrivateKey(rsa);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            // Without the cause: what it quotes is not ours to know.
            throw SecretFile.Refuse("key file", keyPath, $"has no key, unencrypted and in PEM, of the certificate in '{certificatePath}' ({exception.GetType().Name})");
        }
        finally
        {
            Array.Clear(pem);
        }
    }

    private static ServiceIdentity Check(X509Certificate2 leaf, string path, MicroSecurityOptions security, DateTimeOffset now)
    {
        if (!ServiceIdentity.TryParse(SpiffeNames.Read(leaf), out var identity))
        {
            throw SecretFile.Refuse("file", path, "names no service: the first certificate has to have exactly one URI as subject alternative name, a SPIFFE id");
        }

        if (identity.TrustDomain != security.TrustDomain)
        {
            throw SecretFile.Refuse("file", path, $"is of '{identity}', and the trust domain is '{security.TrustDomain}'; change one of them (Micro:Security:TrustDomain)");
        }

        if (leaf.Extensions.OfType<X509BasicConstraintsExtension>().Any(extension => extension.CertificateAuthority))
        {
            throw SecretFile.Refuse("file", path, "begins with the certificate of an authority; the leaf has to come first");
        }

        if (leaf.NotAfter.ToUniversalTime() <= now.UtcDateTime)
        {
            throw SecretFile.Refuse("file", path, $"expired at {leaf.NotAfter.ToUniversalTime():u}; renew it");
        }

        return leaf.NotBefore.ToUniversalTime() > (now + security.ClockSkew).UtcDateTime
            ? throw SecretFile.Refuse("file", path, $"is valid only from {leaf.NotBefore.ToUniversalTime():u}; see whether the clock is right")
            : identity;
    }

    // By the rules this process holds others against: what its peers would refuse is told here, where it can be mended, and not by each of their handshakes.
    private static void CheckAsPeersWill(PeerEvidence evidence, PemCredentialOptions options, MicroSecurityOptions security, TimeProvider time)
    {
        if (new SvidValidator(time, security.ClockSkew).Authenticate(evidence).Refusal is { } refusal)
        {
            throw SecretFile.Refuse("file", options.Certificate!, $"would be refused by every peer that trusts '{options.Bundle}': {refusal}");
        }
    }

    private static string DigestOf(byte[] chain, byte[] bundle)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(SHA256.HashData(chain));
        hash.AppendData(SHA256.HashData(bundle));
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }
}
