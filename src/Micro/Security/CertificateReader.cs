using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Micro.Security;

/// <summary>
/// Reads certificates as strict DER. Its own reader, because the platform's shows neither a second URI nor a second extension of one kind, and reads leniently what
/// may be forged. It decides nothing (<see cref="SvidRules"/> does), and throws <see cref="AsnContentException"/> for what is not a certificate.
/// Source: RFC 5280, sections 4.1 and 4.2.
/// </summary>
internal static class CertificateReader
{
    private const string RsaKey = "1.2.840.113549.1.1.1";

    private static readonly Asn1Tag _version = new(TagClass.ContextSpecific, 0, isConstructed: true);
    private static readonly Asn1Tag _issuerUniqueId = new(TagClass.ContextSpecific, 1);
    private static readonly Asn1Tag _subjectUniqueId = new(TagClass.ContextSpecific, 2);
    private static readonly Asn1Tag _extensions = new(TagClass.ContextSpecific, 3, isConstructed: true);

    public static CertificateFields Read(ReadOnlyMemory<byte> der)
    {
        var file = new AsnReader(der, AsnEncodingRules.DER);
        var certificate = file.ReadSequence();
        file.ThrowIfNotEmpty();
        var signed = certificate.ReadSequence();
        var outerAlgorithm = certificate.PeekEncodedValue();
        var signature = ReadAlgorithm(certificate);
        certificate.ReadBitString(out _);
        certificate.ThrowIfNotEmpty();
        return ReadSigned(signed, signature, outerAlgorithm);
    }

    private static CertificateFields ReadSigned(AsnReader signed, AlgorithmField signature, ReadOnlyMemory<byte> outerAlgorithm)
    {
        var version = ReadVersion(signed);
        signed.ReadIntegerBytes();
        if (!signed.ReadEncodedValue().Span.SequenceEqual(outerAlgorithm.Span))
        {
            // RFC 5280, section 4.1.1.2: the copy under the signature and the one beside it have to be the same.
            throw new AsnContentException("It names two signature algorithms.");
        }

        signed.ReadSequence();
        var validity = signed.ReadSequence();
        var (notBefore, notAfter) = (ReadTime(validity), ReadTime(validity));
        validity.ThrowIfNotEmpty();
        signed.ReadSequence();
        var (key, rsaBits) = ReadKey(signed.ReadSequence());
        var extensions = ReadExtensions(signed);
        return new CertificateFields
        {
            Version = version,
            SignatureAlgorithm = signature,
            NotBefore = notBefore,
            NotAfter = notAfter,
            KeyAlgorithm = key,
            RsaBits = rsaBits,
            CriticalExtensions = [.. extensions.Where(one => one.IsCritical).Select(one => one.Oid)],
            RepeatedExtension = extensions.GroupBy(one => one.Oid).FirstOrDefault(same => same.Count() > 1)?.Key,
            IsAuthority = Values(extensions, CertificateExtension.BasicConstraints).Any(ReadIsAuthority),
            KeyUsage = Values(extensions, CertificateExtension.KeyUsage).Select(value => (X509KeyUsageFlags?)ReadKeyUsage(value)).FirstOrDefault(),
            ExtendedKeyUsage = Values(extensions, CertificateExtension.ExtendedKeyUsage).Select(ReadOids).FirstOrDefault(),
            Uris = [.. Values(extensions, CertificateExtension.SubjectAlternativeName).SelectMany(ReadUris)],
        };
    }

    private static int ReadVersion(AsnReader signed)
    {
        if (!signed.PeekTag().HasSameClassAndValue(_version))
        {
            return 1;
        }

        var tagged = signed.ReadSequence(_version);
        var version = tagged.TryReadInt32(out var number) ? number + 1 : 0;
        tagged.ThrowIfNotEmpty();
        return version;
    }

    private static AlgorithmField ReadAlgorithm(AsnReader reader)
    {
        var algorithm = reader.ReadSequence();
        var oid = algorithm.ReadObjectIdentifier();
        var parameters = algorithm.HasData ? algorithm.ReadEncodedValue() : default;
        algorithm.ThrowIfNotEmpty();
        return new AlgorithmField(oid, parameters);
    }

    // RFC 5280, section 4.1.2.5: UTCTime means 1950 to 2049.
    private static DateTimeOffset ReadTime(AsnReader validity) =>
        validity.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime) ? validity.ReadUtcTime(twoDigitYearMax: 2049) : validity.ReadGeneralizedTime();

    private static (AlgorithmField Key, int RsaBits) ReadKey(AsnReader info)
    {
        var algorithm = ReadAlgorithm(info);
        var bits = info.ReadBitString(out _);
        info.ThrowIfNotEmpty();
        if (algorithm.Oid != RsaKey)
        {
            return (algorithm, 0);
        }

        var modulus = new AsnReader(bits, AsnEncodingRules.DER).ReadSequence().ReadInteger();
        return (algorithm, modulus.Sign > 0 ? checked((int)modulus.GetBitLength()) : 0);
    }

    private static List<CertificateExtension> ReadExtensions(AsnReader signed)
    {
        SkipUniqueId(signed, _issuerUniqueId);
        SkipUniqueId(signed, _subjectUniqueId);
        var extensions = new List<CertificateExtension>();
        if (!signed.HasData)
        {
            return extensions;
        }

        var tagged = signed.ReadSequence(_extensions);
        signed.ThrowIfNotEmpty();
        var list = tagged.ReadSequence();
        tagged.ThrowIfNotEmpty();
        while (list.HasData)
        {
            var extension = list.ReadSequence();
            var oid = extension.ReadObjectIdentifier();
            var isCritical = extension.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && extension.ReadBoolean();
            extensions.Add(new CertificateExtension(oid, isCritical, extension.ReadOctetString()));
            extension.ThrowIfNotEmpty();
        }

        return extensions;
    }

    private static void SkipUniqueId(AsnReader signed, Asn1Tag tag)
    {
        if (signed.HasData && signed.PeekTag().HasSameClassAndValue(tag))
        {
            signed.ReadEncodedValue();
        }
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Values(List<CertificateExtension> extensions, string oid) =>
        extensions.Where(one => one.Oid == oid).Select(one => one.Value);

    private static bool ReadIsAuthority(ReadOnlyMemory<byte> value)
    {
        var constraints = Sequence(value);
        var isAuthority = constraints.HasData && constraints.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && constraints.ReadBoolean();

        // The length of the path is counted by the chain, not here.
        if (constraints.HasData)
        {
            constraints.ReadInteger();
        }

        constraints.ThrowIfNotEmpty();
        return isAuthority;
    }

    // The first byte of the bit string has the flags as X509KeyUsageFlags numbers them; the ninth bit, decipherOnly, concerns nobody here.
    private static X509KeyUsageFlags ReadKeyUsage(ReadOnlyMemory<byte> value)
    {
        var reader = new AsnReader(value, AsnEncodingRules.DER);
        var bits = reader.ReadBitString(out _);
        reader.ThrowIfNotEmpty();
        return bits.Length == 0 ? X509KeyUsageFlags.None : (X509KeyUsageFlags)bits[0];
    }

    private static List<string> ReadOids(ReadOnlyMemory<byte> value)
    {
        var reader = Sequence(value);
        var oids = new List<string>();
        while (reader.HasData)
        {
            oids.Add(reader.ReadObjectIdentifier());
        }

        return oids;
    }

    // RFC 5280, section 4.2.1.6: GeneralName ::= CHOICE { …, uniformResourceIdentifier [6] IA5String, … }. Bytes outside ASCII are kept, for a reason to be given.
    private static List<string> ReadUris(ReadOnlyMemory<byte> value)
    {
        var names = Sequence(value);
        var uris = new List<string>();
        while (names.HasData)
        {
            var tag = names.PeekTag();
            if (tag is { TagClass: TagClass.ContextSpecific, TagValue: 6 })
            {
                uris.Add(Encoding.Latin1.GetString(names.ReadOctetString(tag)));
            }
            else
            {
                names.ReadEncodedValue();
            }
        }

        return uris;
    }

    private static AsnReader Sequence(ReadOnlyMemory<byte> value)
    {
        var reader = new AsnReader(value, AsnEncodingRules.DER);
        var sequence = reader.ReadSequence();
        reader.ThrowIfNotEmpty();
        return sequence;
    }
}
