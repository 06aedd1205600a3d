using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Micro.Security;

/// <summary>Which keys this side takes to sign them or to use them, before there is a certificate for <see cref="KeyRules"/>: EC on P-256 or P-384, RSA of 2,048 to 8,192 bits.</summary>
internal static class PublicKeyRules
{
    public const string Allowed = "EC P-256, EC P-384 and RSA from 2048 to 8192 bits";

    private const string EllipticCurve = "1.2.840.10045.2.1";
    private const string Rsa = "1.2.840.113549.1.1.1";
    private const string P256 = "1.2.840.10045.3.1.7";
    private const string P384 = "1.3.132.0.34";

    /// <summary>Null when the key is taken, else what is wrong with it.</summary>
    public static string? Refusal(PublicKey key)
    {
        try
        {
            return key.Oid.Value switch
            {
                EllipticCurve => Curve(key) is P256 or P384 ? null : "its curve is neither P-256 nor P-384",
                Rsa => OfRsa(key),
                _ => "its key is neither EC nor RSA",
            };
        }
        catch (Exception exception) when (exception is CryptographicException or AsnContentException)
        {
            return "its key cannot be read";
        }
    }

    public static bool IsEllipticCurve(PublicKey key) => key.Oid.Value == EllipticCurve;

    private static string? OfRsa(PublicKey key)
    {
        using var rsa = key.GetRSAPublicKey();
        return rsa?.KeySize is >= 2048 and <= 8192 ? null : $"its RSA key has {rsa?.KeySize ?? 0} bits";
    }

    // A named curve; one that is spelled out by its parameters is no object identifier and is refused.
    private static string Curve(PublicKey key)
    {
        using var ec = key.GetECDsaPublicKey(); // the point has to be on the curve
        return new AsnReader(key.EncodedParameters?.RawData ?? [], AsnEncodingRules.DER).ReadObjectIdentifier();
    }
}
