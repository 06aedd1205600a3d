using System.Security.Cryptography.X509Certificates;

namespace Micro.Security;

/// <summary>
/// What a service proves its identity with and checks others by: its leaf certificate and key, what lies between leaf and root, and whom it trusts. Immutable
/// snapshot; the certificates live until the last connection made with them is gone, so nobody disposes them.
/// </summary>
public sealed class ServiceCredential
{
    /// <summary>Makes a credential.</summary>
    /// <param name="identity">The identity the leaf names.</param>
    /// <param name="leaf">The leaf with its private key.</param>
    /// <param name="intermediates">What lies between the leaf and its root; empty when the root signed it.</param>
    /// <param name="bundle">Whom to trust.</param>
    /// <param name="superseded">Fires when the source has a newer one: another leaf or another bundle.</param>
    public ServiceCredential(
        ServiceIdentity identity,
        X509Certificate2 leaf,
        IReadOnlyList<X509Certificate2> intermediates,
        TrustBundle bundle,
        CancellationToken superseded)
    {
        Identity = identity;
        Leaf = leaf;
        Intermediates = intermediates;
        Bundle = bundle;
        Superseded = superseded;
    }

    /// <summary>The identity the leaf names.</summary>
    public ServiceIdentity Identity { get; }

    /// <summary>The leaf with its private key.</summary>
    public X509Certificate2 Leaf { get; }

    /// <summary>What lies between the leaf and its root.</summary>
    public IReadOnlyList<X509Certificate2> Intermediates { get; }

    /// <summary>Whom to trust.</summary>
    public TrustBundle Bundle { get; }

    /// <summary>Fires when the source has a newer one: another leaf or another bundle. Ask the source again then.</summary>
    public CancellationToken Superseded { get; }

    /// <summary>The identity and until when the leaf is valid; never the key.</summary>
    public override string ToString() => $"{Identity} until {Leaf.NotAfter.ToUniversalTime():u}";
}
