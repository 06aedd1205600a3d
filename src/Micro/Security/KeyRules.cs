using System.Formats.Asn1;

namespace Micro.Security;

/// <summary>
/// Which keys and signatures are strong enough: EC on P-256 or P-384, RSA from 2,048 bits, SHA-256 and up. The platform's chain takes RSA-1024 and SHA-1.
/// Source: RFC 5480, section 2.1.1.1; RFC 5758, section 3.2; RFC 4055, sections 3 and 5.
/// </summary>
internal static class KeyRules
{
    public const int MinRsaBits = 2048;

    /// <summary>A larger key makes whoever checks it work for whoever made it.</summary>
    public const int MaxRsaBits = 8192;

    private const string EcKey = "1.2.840.10045.2.1";
    private const string RsaKey = "1.2.840.113549.1.1.1";
    private const string RsaPss = "1.2.840.113549.1.1.10";

    private static readonly string[] _curves = ["1.2.840.10045.3.1.7", "1.3.132.0.34"];
    private static readonly string[] _hashes = ["2.16.840.1.101.3.4.2.1", "2.16.840.1.101.3.4.2.2", "2.16.840.1.101.3.4.2.3"];

    private static readonly string[] _signatures =
    [
        "1.2.840.10045.4.3.2", "1.2.840.10045.4.3.3", "1.2.840.10045.4.3.4", // ECDSA with SHA-256, -384, -512
        "1.2.840.113549.1.1.11", "1.2.840.113549.1.1.12", "1.2.840.113549.1.1.13", // RSA PKCS #1 with the same
    ];

    /// <summary>Null when the key will do, else the rule it breaks.</summary>
    public static string? OfKey(CertificateFields certificate) => certificate.KeyAlgorithm.Oid switch
    {
        EcKey => IsNamed(certificate.KeyAlgorithm.Parameters, _curves) ? null : "its key is on another curve than P-256 and P-384",
        RsaKey => certificate.RsaBits is >= MinRsaBits and <= MaxRsaBits ? null : $"its RSA key has {certificate.RsaBits} bits, not {MinRsaBits} to {MaxRsaBits}",
        var other => $"its key is of the kind {other}, not EC or RSA",
    };

    /// <summary>Null when the signature's algorithm will do, else the rule it breaks.</summary>
    public static string? OfSignature(CertificateFields certificate)
    {
        var (oid, parameters) = certificate.SignatureAlgorithm;
        return _signatures.Contains(oid) || (oid == RsaPss && IsStrongPss(parameters))
            ? null
            : $"it is signed with {oid}, which is not SHA-256 or better with EC or RSA";
    }

    private static bool IsNamed(ReadOnlyMemory<byte> parameters, string[] names)
    {
        // Parameters that spell the curve out instead of naming it are how CVE-2020-0601 forged roots.
        var reader = new AsnReader(parameters, AsnEncodingRules.DER);
        return reader.HasData && reader.PeekTag().HasSameClassAndValue(Asn1Tag.ObjectIdentifier) && names.Contains(reader.ReadObjectIdentifier()) && !reader.HasData;
    }

    // RFC 4055, section 3.1: the hash is the field [0]; where it is missing, SHA-1 is meant.
    private static bool IsStrongPss(ReadOnlyMemory<byte> parameters)
    {
        var hashField = new Asn1Tag(TagClass.ContextSpecific, 0, isConstructed: true);
        if (parameters.IsEmpty)
        {
            return false;
        }

        var fields = new AsnReader(parameters, AsnEncodingRules.DER).ReadSequence();
        return fields.HasData && fields.PeekTag().HasSameClassAndValue(hashField)
            && _hashes.Contains(fields.ReadSequence(hashField).ReadSequence().ReadObjectIdentifier());
    }
}
