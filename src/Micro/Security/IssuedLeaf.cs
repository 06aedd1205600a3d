using System.Security.Cryptography.X509Certificates;

namespace Micro.Security;

/// <summary>A new leaf with its key, and whose signature and when.</summary>
/// <param name="Certificate">The leaf with its private key.</param>
/// <param name="Issuer">Fingerprint of the root that signed it.</param>
/// <param name="IssuedAt">When its lifetime began; its not-before is earlier by the allowed skew.</param>
internal sealed record IssuedLeaf(X509Certificate2 Certificate, string Issuer, DateTimeOffset IssuedAt)
{
    public DateTimeOffset NotAfter { get; } = new(Certificate.NotAfter.ToUniversalTime());
}
