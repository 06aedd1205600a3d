using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Micro.Tests.Support;

/// <summary>
/// A certificate as one wants it, right or wrong. Written by hand as DER, because the platform's own maker refuses most of what an attacker would send. As it is
/// made, it is a good leaf.
/// </summary>
internal sealed record CertificateDesign
{
    public const string Id = "spiffe://micro.test/default/greeter";
    public const int DnsName = 2;
    public const int UriName = 6;
    public const string ServerAuth = "1.3.6.1.5.5.7.3.1";
    public const string ClientAuth = "1.3.6.1.5.5.7.3.2";
    public const string CodeSigning = "1.3.6.1.5.5.7.3.3";

    /// <summary>The time in all tests of certificates, unless they move it.</summary>
    public static readonly DateTimeOffset Now = new(2030, 6, 1, 12, 0, 0, TimeSpan.Zero);

    private static int _serial = 1000;

    public static CertificateDesign Authority => new()
    {
        Names = [],
        IsAuthority = true,
        KeyUsage = X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign,
        Purposes = null,
        NotAfter = Now.AddYears(1),
    };

    public int Version { get; init; } = 3;

    /// <summary>One subject alternative name extension for each entry, with these names.</summary>
    public (int Kind, string Name)[][] Names { get; init; } = [[(UriName, Id)]];

    public bool? IsAuthority { get; init; } = false;

    public int? PathLength { get; init; }

    public X509KeyUsageFlags? KeyUsage { get; init; } = X509KeyUsageFlags.DigitalSignature;

    public bool IsKeyUsageCritical { get; init; } = true;

    public string[]? Purposes { get; init; } = [ServerAuth, ClientAuth];

    public (string Oid, bool IsCritical, byte[] Value)[] More { get; init; } = [];

    public DateTimeOffset NotBefore { get; init; } = Now.AddHours(-1);

    public DateTimeOffset NotAfter { get; init; } = Now.AddHours(1);

    public Func<AsymmetricAlgorithm> Key { get; init; } = () => ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>Its key as SubjectPublicKeyInfo, in place of the one of <see cref="Key"/>; nobody has the private one then.</summary>
    public byte[]? PublicKey { get; init; }

    /// <summary>What it is signed with, by its issuer.</summary>
    public HashAlgorithmName Hash { get; init; } = HashAlgorithmName.SHA256;

    public RSASignaturePadding Padding { get; init; } = RSASignaturePadding.Pkcs1;

    /// <summary>Written beside the signature in place of the true algorithm.</summary>
    public byte[]? OtherAlgorithm { get; init; }

    /// <summary>The subject; null for one of its own.</summary>
    public string? Subject { get; init; }

    public CertificateDesign WithId(string id) => this with { Names = [[(UriName, id)]] };

    /// <summary>Name constraints with one permitted URI host, or suffix of hosts.</summary>
    public static (string Oid, bool IsCritical, byte[] Value) Permit(string host) => ("2.5.29.30", true, Der(writer =>
    {
        using (writer.PushSequence())
        using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
        using (writer.PushSequence())
        {
            writer.WriteCharacterString(UniversalTagNumber.IA5String, host, new Asn1Tag(TagClass.ContextSpecific, 6));
        }
    }));

    /// <summary>Authority information access: the issuer's certificate is to be had there.</summary>
    public static (string Oid, bool IsCritical, byte[] Value) IssuerAt(string url) => ("1.3.6.1.5.5.7.1.1", false, Der(writer =>
    {
        using (writer.PushSequence())
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier("1.3.6.1.5.5.7.48.2");
            writer.WriteCharacterString(UniversalTagNumber.IA5String, url, new Asn1Tag(TagClass.ContextSpecific, 6));
        }
    }));

    /// <summary>Signed by the issuer; by itself when there is none.</summary>
    public ForgedCertificate Sign(ForgedCertificate? issuer = null)
    {
        var key = Key();
        var subject = new X500DistinguishedName($"CN={Subject ?? $"Test {Interlocked.Increment(ref _serial)}"}");
        var signer = issuer?.Key ?? key;
        var algorithm = Hash == HashAlgorithmName.SHA1 ? OldAlgorithm(signer) : Generator(signer).GetSignatureAlgorithmIdentifier(Hash);
        var signed = Signed(issuer?.Certificate.SubjectName ?? subject, subject, PublicKey ?? Generator(key).PublicKey.ExportSubjectPublicKeyInfo(), algorithm);
        var signature = signer is RSA signing ? signing.SignData(signed, Hash, Padding) : ((ECDsa)signer).SignData(signed, Hash, DSASignatureFormat.Rfc3279DerSequence);
        var certificate = X509CertificateLoader.LoadCertificate(Der(writer =>
        {
            using (writer.PushSequence())
            {
                writer.WriteEncodedValue(signed);
                writer.WriteEncodedValue(OtherAlgorithm ?? algorithm);
                writer.WriteBitString(signature);
            }
        }));
        if (PublicKey is null)
        {
            certificate = key is RSA rsa ? certificate.CopyWithPrivateKey(rsa) : certificate.CopyWithPrivateKey((ECDsa)key);
        }

        return new ForgedCertificate(certificate, key);
    }

    public static byte[] Der(Action<AsnWriter> write)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        write(writer);
        return writer.Encode();
    }

    // With SHA-1, which the platform's generators name no more. For PSS it is what no parameters mean.
    private byte[] OldAlgorithm(AsymmetricAlgorithm signer) => Der(writer =>
    {
        using (writer.PushSequence())
        {
            if (signer is ECDsa)
            {
                writer.WriteObjectIdentifier("1.2.840.10045.4.1");
            }
            else if (Padding == RSASignaturePadding.Pss)
            {
                writer.WriteObjectIdentifier("1.2.840.113549.1.1.10");
                writer.PushSequence().Dispose();
            }
            else
            {
                writer.WriteObjectIdentifier("1.2.840.113549.1.1.5");
                writer.WriteNull();
            }
        }
    });

    private X509SignatureGenerator Generator(AsymmetricAlgorithm key) =>
        key is RSA rsa ? X509SignatureGenerator.CreateForRSA(rsa, Padding) : X509SignatureGenerator.CreateForECDsa((ECDsa)key);

    private byte[] Signed(X500DistinguishedName issuer, X500DistinguishedName subject, byte[] key, byte[] algorithm) => Der(writer =>
    {
        using (writer.PushSequence())
        {
            if (Version > 1)
            {
                using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
                {
                    writer.WriteInteger(Version - 1);
                }
            }

            writer.WriteInteger(new BigInteger(Interlocked.Increment(ref _serial)));
            writer.WriteEncodedValue(algorithm);
            writer.WriteEncodedValue(issuer.RawData);
            using (writer.PushSequence())
            {
                WriteTime(writer, NotBefore);
                WriteTime(writer, NotAfter);
            }

            writer.WriteEncodedValue(subject.RawData);
            writer.WriteEncodedValue(key);
            if (Version > 1)
            {
                using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 3)))
                using (writer.PushSequence())
                {
                    WriteExtensions(writer);
                }
            }
        }
    });

    private void WriteExtensions(AsnWriter writer)
    {
        if (IsAuthority is { } isAuthority)
        {
            var constraints = new X509BasicConstraintsExtension(isAuthority, PathLength is not null, PathLength ?? 0, true);
            Write(writer, constraints.Oid!.Value!, true, constraints.RawData);
        }

        if (KeyUsage is { } usage)
        {
            Write(writer, "2.5.29.15", IsKeyUsageCritical, new X509KeyUsageExtension(usage, true).RawData);
        }

        if (Purposes is { } purposes)
        {
            Write(writer, "2.5.29.37", false, new X509EnhancedKeyUsageExtension([.. purposes.Select(oid => new Oid(oid))], false).RawData);
        }

        foreach (var names in Names)
        {
            Write(writer, "2.5.29.17", false, Der(inner =>
            {
                using (inner.PushSequence())
                {
                    foreach (var (kind, name) in names)
                    {
                        inner.WriteOctetString(Encoding.UTF8.GetBytes(name), new Asn1Tag(TagClass.ContextSpecific, kind));
                    }
                }
            }));
        }

        foreach (var (oid, isCritical, value) in More)
        {
            Write(writer, oid, isCritical, value);
        }
    }

    private static void Write(AsnWriter writer, string oid, bool isCritical, byte[] value)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(oid);
            if (isCritical)
            {
                writer.WriteBoolean(true);
            }

            writer.WriteOctetString(value);
        }
    }

    private static void WriteTime(AsnWriter writer, DateTimeOffset time)
    {
        if (time.Year < 2050)
        {
            writer.WriteUtcTime(time, 2049);
        }
        else
        {
            writer.WriteGeneralizedTime(time, omitFractionalSeconds: true);
        }
    }
}

/// <param name="Certificate">With its private key, when there is one.</param>
/// <param name="Key">The key.</param>
internal sealed record ForgedCertificate(X509Certificate2 Certificate, AsymmetricAlgorithm Key);
