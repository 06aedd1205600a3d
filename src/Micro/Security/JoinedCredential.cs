using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Micro.Security;

/// <summary>A leaf that the authority signed for a key of this process, and the bundle that came with it or since. Checked; immutable.</summary>
internal sealed class JoinedCredential
{
    private const int MaxRoots = 100;

    private JoinedCredential(ServiceIdentity identity, X509Certificate2[] chain, DateTimeOffset issuedAt, AuthorityBundle bundle, TrustBundle trust)
    {
        (Identity, Chain, IssuedAt, Bundle, Trust) = (identity, chain, issuedAt, bundle, trust);
        NotAfter = new DateTimeOffset(Leaf.NotAfter.ToUniversalTime());
    }

    public ServiceIdentity Identity { get; }

    /// <summary>The leaf with its key, then what lies between it and its root.</summary>
    public X509Certificate2[] Chain { get; }

    public X509Certificate2 Leaf => Chain[0];

    /// <summary>When the leaf's lifetime began; its not-before is earlier.</summary>
    public DateTimeOffset IssuedAt { get; }

    public DateTimeOffset NotAfter { get; }

    public AuthorityBundle Bundle { get; }

    public TrustBundle Trust { get; }

    /// <summary>Puts together what the authority answered and the key it was asked for.</summary>
    /// <param name="identity">Whose leaf it has to be.</param>
    /// <param name="reply">The answer.</param>
    /// <param name="key">The key; free to be disposed afterwards.</param>
    /// <param name="issuedAt">When the leaf's lifetime began.</param>
    /// <param name="authenticator">Looks at the leaf as any peer will.</param>
    /// <exception cref="CredentialException">They do not fit together, or no peer would take the leaf.</exception>
    public static JoinedCredential Create(ServiceIdentity identity, AuthorityLeaf reply, ECDsa key, DateTimeOffset issuedAt, IPeerAuthenticator authenticator)
    {
        var trust = TrustOf(identity, reply.Bundle);
        try
        {
            X509Certificate2[] chain = [.. reply.Chain.Select(der => X509CertificateLoader.LoadCertificate(der))];
            if (chain.Length == 0)
            {
                throw new CredentialException("The authority sent no certificate.");
            }

            if (authenticator.Authenticate(new PeerEvidence(chain[0], chain[1..], trust, identity)).Refusal is { } refusal)
            {
                throw new CredentialException($"No peer would take the certificate that the authority sent for '{identity}': {refusal}.");
            }

            // Throws when it is of another key.
            chain[0] = chain[0].CopyWithPrivateKey(key);
            return new JoinedCredential(identity, chain, issuedAt, reply.Bundle, trust);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new CredentialException($"The certificate that the authority sent for '{identity}' cannot be used.", e);
        }
    }

    /// <summary>The same leaf with another bundle.</summary>
    /// <exception cref="CredentialException">It is not newer, of another trust domain, or has nothing to do with the one before.</exception>
    public JoinedCredential With(AuthorityBundle next)
    {
        var trust = TrustOf(Identity, next);
        if (next.Sequence <= Bundle.Sequence)
        {
            throw new CredentialException($"The authority has trust bundle number {next.Sequence}, and number {Bundle.Sequence} is in use here; if it was meant to begin anew, remove what is kept of it here and join again.");
        }

        return next.ReplacesAll || next.Roots.Any(root => Bundle.Roots.Any(one => one.AsSpan().SequenceEqual(root)))
            ? new JoinedCredential(Identity, Chain, IssuedAt, next, trust)
            : throw new CredentialException($"Trust bundle number {next.Sequence} of the authority has none of the roots in use here.");
    }

    /// <summary>This one, when its bundle follows from the one before.</summary>
    /// <exception cref="CredentialException">It does not.</exception>
    public JoinedCredential After(JoinedCredential before)
    {
        before.With(Bundle);
        return this;
    }

    private static TrustBundle TrustOf(ServiceIdentity identity, AuthorityBundle bundle)
    {
        if (bundle.TrustDomain != identity.TrustDomain)
        {
            throw new CredentialException($"The authority is of trust domain '{bundle.TrustDomain}', and '{identity}' is not; see Micro:Security:TrustDomain.");
        }

        if (bundle.Roots.Count is 0 or > MaxRoots)
        {
            throw new CredentialException($"The authority sent {bundle.Roots.Count} roots; from 1 to {MaxRoots} are taken.");
        }

        try
        {
            X509Certificate2[] roots = [.. bundle.Roots.Select(der => X509CertificateLoader.LoadCertificate(der))];
            return new TrustBundle([new(bundle.TrustDomain, roots)], bundle.Sequence, bundle.Revoked.Select(ServiceIdentity.Parse), bundle.RevokedSerials);
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            throw new CredentialException($"Trust bundle number {bundle.Sequence} of the authority cannot be understood.", e);
        }
    }
}
