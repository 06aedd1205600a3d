using System.Security.Cryptography.X509Certificates;

namespace Micro.Security;

/// <summary>What the rules look at in one certificate, as <see cref="CertificateReader"/> found it in the DER.</summary>
internal sealed class CertificateFields
{
    public required int Version { get; init; }

    public required AlgorithmField SignatureAlgorithm { get; init; }

    public required DateTimeOffset NotBefore { get; init; }

    public required DateTimeOffset NotAfter { get; init; }

    public required AlgorithmField KeyAlgorithm { get; init; }

    /// <summary>Bits of an RSA modulus; 0 for other keys, whose size their curve says.</summary>
    public required int RsaBits { get; init; }

    /// <summary>Object identifiers of the extensions marked critical.</summary>
    public required IReadOnlyList<string> CriticalExtensions { get; init; }

    /// <summary>An extension that is there more than once; null when none is.</summary>
    public required string? RepeatedExtension { get; init; }

    /// <summary>Basic constraints, cA; false without the extension.</summary>
    public required bool IsAuthority { get; init; }

    /// <summary>Null without the extension.</summary>
    public required X509KeyUsageFlags? KeyUsage { get; init; }

    /// <summary>Null without the extension.</summary>
    public required IReadOnlyList<string>? ExtendedKeyUsage { get; init; }

    /// <summary>The URIs of all subject alternative names, in order.</summary>
    public required IReadOnlyList<string> Uris { get; init; }
}
