using System.Security.Cryptography.X509Certificates;

namespace Micro.Security;

/// <summary>
/// What a certificate has to be by itself, whoever signed it. Each method gives null when all is well, else the rule that is broken.
/// Source: SPIFFE X509-SVID.md, sections 2 to 5; RFC 5280, section 4.2.
/// </summary>
internal static class SvidRules
{
    public const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    public const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private const string Scheme = "spiffe://";
    private const X509KeyUsageFlags Signing = X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign;

    /// <summary>Name constraints are the chain's to enforce; the others are read here.</summary>
    private static readonly string[] _understood =
    [
        CertificateExtension.KeyUsage,
        CertificateExtension.SubjectAlternativeName,
        CertificateExtension.BasicConstraints,
        CertificateExtension.NameConstraints,
        CertificateExtension.ExtendedKeyUsage,
    ];

    /// <summary>The rules for what authenticates a peer.</summary>
    public static string? OfLeaf(CertificateFields leaf, out ServiceIdentity? identity)
    {
        identity = null;
        return OfAny(leaf) ?? OfLeafUsage(leaf) ?? OfLeafName(leaf, out identity);
    }

    /// <summary>The rules for what signs others, from the one above the leaf up to the root.</summary>
    public static string? OfAuthority(CertificateFields authority)
    {
        if (OfAny(authority) is { } broken)
        {
            return broken;
        }

        // X509-SVID, section 3.2 and RFC 5280, section 4.2.1.9: both flags, or any leaf could sign others.
        if (!authority.IsAuthority)
        {
            return "it is no CA (basic constraints, cA)";
        }

        if (authority.KeyUsage is not { } usage || !usage.HasFlag(X509KeyUsageFlags.KeyCertSign))
        {
            return "it may not sign certificates (key usage, keyCertSign)";
        }

        // X509-SVID, section 3.2: the id of a signing certificate has no path, so it can never be mistaken for a workload's.
        return authority.Uris switch
        {
            [] => null,
            [var id] when IsTrustDomainId(id) => null,
            [_] => "it is a CA whose own URI is not the id of a trust domain, without a path",
            _ => "it is a CA with more than one URI",
        };
    }

    private static string? OfAny(CertificateFields certificate)
    {
        if (certificate.Version != 3)
        {
            return $"it is of X.509 version {certificate.Version}, not 3";
        }

        // RFC 5280, section 4.2: each extension at most once. Two readers may take different ones for true.
        if (certificate.RepeatedExtension is { } repeated)
        {
            return $"it has the extension {repeated} more than once";
        }

        if (certificate.CriticalExtensions.FirstOrDefault(oid => !_understood.Contains(oid)) is { } unknown)
        {
            return $"it has the unknown critical extension {unknown}";
        }

        return KeyRules.OfKey(certificate) ?? KeyRules.OfSignature(certificate);
    }

    private static string? OfLeafUsage(CertificateFields leaf)
    {
        // X509-SVID, section 3.2: a CA never authenticates a peer.
        if (leaf.IsAuthority)
        {
            return "it is a CA, and a CA authenticates nobody (basic constraints, cA)";
        }

        // X509-SVID, section 4.3.
        if (leaf.KeyUsage is not { } usage)
        {
            return "it has no key usage";
        }

        if (!leaf.CriticalExtensions.Contains(CertificateExtension.KeyUsage))
        {
            return "its key usage is not marked critical";
        }

        if ((usage & Signing) != 0)
        {
            return "its key usage has keyCertSign or cRLSign, which only CAs have";
        }

        if (!usage.HasFlag(X509KeyUsageFlags.DigitalSignature))
        {
            return "its key usage lacks digitalSignature";
        }

        // X509-SVID, section 4.4: a workload is both sides, so a certificate for one of them was made for something else.
        return leaf.ExtendedKeyUsage is not { } purposes || (purposes.Contains(ServerAuthentication) && purposes.Contains(ClientAuthentication))
            ? null
            : "its extended key usage has not both serverAuth and clientAuth";
    }

    // X509-SVID, section 2: exactly one URI, whatever other names there are.
    private static string? OfLeafName(CertificateFields leaf, out ServiceIdentity? identity)
    {
        identity = null;
        if (leaf.Uris is not [var id])
        {
            return leaf.Uris.Count == 0 ? "it names no URI, so no SPIFFE id" : $"it names {leaf.Uris.Count} URIs, not one";
        }

        try
        {
            identity = ServiceIdentity.Parse(id);
            return null;
        }
        catch (FormatException invalid)
        {
            return invalid.Message.TrimEnd('.');
        }
    }

    private static bool IsTrustDomainId(string id) =>
        id.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && ServiceIdentity.IsTrustDomain(id[Scheme.Length..]);
}
