using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Micro.Security;

/// <summary>One root of the local authority.</summary>
/// <param name="Certificate">With its private key when it may still sign.</param>
/// <param name="SignsFrom">Before it is only trusted, so that everybody knows it when the first leaf of it appears.</param>
/// <param name="TrustedUntil">When every leaf it signed has expired; null while none follows it.</param>
internal sealed record AuthorityRoot(X509Certificate2 Certificate, DateTimeOffset SignsFrom, DateTimeOffset? TrustedUntil)
{
    /// <summary>SHA-256 of the certificate, in lower case.</summary>
    public string Fingerprint { get; } = FingerprintOf(Certificate);

    public static string FingerprintOf(X509Certificate2 certificate) => Convert.ToHexStringLower(certificate.GetCertHash(HashAlgorithmName.SHA256));
}
