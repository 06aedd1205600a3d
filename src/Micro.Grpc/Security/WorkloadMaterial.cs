using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Micro.Security;

namespace Micro.Grpc.Security;

/// <summary>One identity of an update, checked by the rules that peers will check it by: its leaf with key, what lies between, and the roots of every trust domain.</summary>
/// <param name="Identity">Whom the leaf names.</param>
/// <param name="Leaf">With its private key.</param>
/// <param name="Intermediates">In the order sent.</param>
/// <param name="Roots">By trust domain.</param>
/// <param name="NotAfter">When the first certificate of its chain is over.</param>
/// <param name="Digest">Of everything but the key, to tell whether anything changed.</param>
internal sealed record WorkloadMaterial(
    ServiceIdentity Identity,
    X509Certificate2 Leaf,
    X509Certificate2[] Intermediates,
    IReadOnlyDictionary<string, IReadOnlyList<X509Certificate2>> Roots,
    DateTimeOffset NotAfter,
    string Digest)
{
    private const int MaxRoots = 100;

    /// <summary>Everything in an update, or nothing: what is half right is not used by halves.</summary>
    /// <exception cref="CredentialException">Something in it cannot be used; the message says what, without key material.</exception>
    public static Dictionary<ServiceIdentity, WorkloadMaterial> Read(WorkloadUpdate update, MicroSecurityOptions security, TimeProvider time)
    {
        // SPIFFE_Workload_API.md, section 4.5: a message without what is mandatory is discarded.
        if (update.Svids.Count == 0)
        {
            throw new CredentialException("it has no identity in it, and one is mandatory (svids)");
        }

        var federated = Federated(update, security);
        var found = new Dictionary<ServiceIdentity, WorkloadMaterial>();
        foreach (var svid in update.Svids)
        {
            var material = Read(svid, federated, security, time);

            // The same identity again has another hint, of which there is none here; section 5.2.1 has the first one taken.
            found.TryAdd(material.Identity, material);
        }

        return found;
    }

    private static WorkloadMaterial Read(WorkloadSvid svid, FederatedRoots federated, MicroSecurityOptions security, TimeProvider time)
    {
        var identity = IdentityOf(svid, security);
        var chain = Certificates(svid.Chain, $"the chain of {identity}", SvidValidator.MaxCertificates);
        var leaf = WithKey(chain[0], svid.Key, identity);
        var own = Certificates(svid.Bundle, $"the bundle of {identity}", MaxRoots);
        var roots = new Dictionary<string, IReadOnlyList<X509Certificate2>>(federated.Roots) { [identity.TrustDomain] = own };
        var verdict = new SvidValidator(time, security.ClockSkew).Authenticate(new PeerEvidence(leaf, chain[1..], new TrustBundle(roots)));
        if (verdict.Refusal is { } refusal)
        {
            throw new CredentialException($"the SVID of {identity} would be refused by its peers: {refusal}");
        }

        if (!identity.Equals(verdict.Identity))
        {
            throw new CredentialException($"the SVID that is said to be of {identity} is of {verdict.Identity}");
        }

        // The validator forgives a skew of clocks; what is over by the clock here is not to be begun with.
        return verdict.NotAfter > time.GetUtcNow()
            ? new WorkloadMaterial(identity, leaf, chain[1..], roots, verdict.NotAfter, DigestOf(svid, federated))
            : throw new CredentialException($"the SVID of {identity} expired at {verdict.NotAfter.UtcDateTime:u}");
    }

    private static ServiceIdentity IdentityOf(WorkloadSvid svid, MicroSecurityOptions security)
    {
        if (svid.Chain.IsEmpty || svid.Key.IsEmpty || svid.Bundle.IsEmpty)
        {
            throw new CredentialException($"the SVID of '{Printable(svid.Id)}' lacks its certificate, its key or its bundle, which are mandatory");
        }

        ServiceIdentity identity;
        try
        {
            identity = ServiceIdentity.Parse(svid.Id);
        }
        catch (FormatException invalid)
        {
            throw new CredentialException($"an SVID has no identity: {invalid.Message.TrimEnd('.')}");
        }

        return identity.TrustDomain == security.TrustDomain
            ? identity
            : throw new CredentialException($"it gives the identity '{identity}', and the trust domain here is '{security.TrustDomain}'; change one of them (Micro:Security:TrustDomain)");
    }

    private static FederatedRoots Federated(WorkloadUpdate update, MicroSecurityOptions security)
    {
        const string Scheme = "spiffe://";
        var roots = new Dictionary<string, IReadOnlyList<X509Certificate2>>();
        foreach (var (id, bundle) in update.Federated)
        {
            // Section 5.1 keys them by the SPIFFE ID of the trust domain, which is the domain's name behind the scheme.
            var domain = (id.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? id[Scheme.Length..] : id).ToLowerInvariant();
            if (!ServiceIdentity.IsTrustDomain(domain) || domain == security.TrustDomain)
            {
                throw new CredentialException($"it has a federated bundle of '{(domain == security.TrustDomain ? domain : Printable(id))}', which is no trust domain other than its own");
            }

            if (!roots.TryAdd(domain, Certificates(bundle, $"the federated bundle of {domain}", MaxRoots)))
            {
                throw new CredentialException($"it has two federated bundles of '{domain}'");
            }
        }

        return new FederatedRoots(roots, [.. update.Federated.OrderBy(one => one.Id, StringComparer.Ordinal).SelectMany(one => SHA256.HashData(one.Roots.Span))]);
    }

    private static X509Certificate2[] Certificates(ReadOnlyMemory<byte> der, string what, int limit)
    {
        var found = new List<X509Certificate2>();
        try
        {
            while (!der.IsEmpty)
            {
                if (found.Count == limit)
                {
                    throw new CredentialException($"{what} has more than {limit} certificates");
                }

                // Cut by hand: the platform reads the first and says nothing of what is behind it.
                AsnDecoder.ReadEncodedValue(der.Span, AsnEncodingRules.DER, out _, out _, out var length);
                found.Add(X509CertificateLoader.LoadCertificate(der.Span[..length]));
                der = der[length..];
            }
        }
        catch (Exception exception) when (exception is AsnContentException or CryptographicException)
        {
            throw new CredentialException($"{what} has a certificate that cannot be read ({exception.GetType().Name})");
        }

        return [.. found];
    }

    private static X509Certificate2 WithKey(X509Certificate2 leaf, ReadOnlyMemory<byte> key, ServiceIdentity identity)
    {
        if (PublicKeyRules.Refusal(leaf.PublicKey) is { } reason)
        {
            throw new CredentialException($"the SVID of {identity} is refused: {reason}. Allowed are {PublicKeyRules.Allowed}");
        }

        try
        {
            using var ec = PublicKeyRules.IsEllipticCurve(leaf.PublicKey) ? ECDsa.Create() : null;
            using var rsa = ec is null ? RSA.Create() : null;
            (ec ?? (AsymmetricAlgorithm)rsa!).ImportPkcs8PrivateKey(key.Span, out var read);
            return read != key.Length
                ? throw new CryptographicException("There is something behind the key.")
                : ec is not null ? leaf.CopyWithPrivateKey(ec) : leaf.CopyWithPrivateKey(rsa!);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            // Without the cause: what it quotes is not ours to know.
            throw new CredentialException($"the SVID of {identity} comes without the key of its certificate, as PKCS#8 and not encrypted ({exception.GetType().Name})");
        }
    }

    private static string DigestOf(WorkloadSvid svid, FederatedRoots federated)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(SHA256.HashData(svid.Chain.Span));
        hash.AppendData(SHA256.HashData(svid.Bundle.Span));
        hash.AppendData(federated.Digest);
        foreach (var domain in federated.Roots.Keys.Order(StringComparer.Ordinal))
        {
            hash.AppendData(System.Text.Encoding.ASCII.GetBytes(domain + "\n"));
        }

        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    private static string Printable(string text) => string.Concat(text.Take(100).Select(c => c is >= ' ' and <= '~' ? c : '?'));

    private sealed record FederatedRoots(Dictionary<string, IReadOnlyList<X509Certificate2>> Roots, byte[] Digest);
}
