using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace Micro.Security;

/// <summary>
/// Subject alternative names of certificates, as bytes: .NET's class for them can neither enumerate URIs nor be kept from normalising one. Source: RFC 5280,
/// section 4.2.1.6.
/// </summary>
internal static class SpiffeNames
{
    private const string Oid = "2.5.29.17";

    private static readonly Asn1Tag UriTag = new(TagClass.ContextSpecific, 6);

    /// <summary>The extension with one URI and nothing else.</summary>
    public static X509Extension Write(string id)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteCharacterString(UniversalTagNumber.IA5String, id, UriTag);
        }

        return new X509Extension(Oid, writer.Encode(), critical: false);
    }

    /// <summary>The URI, when the certificate has exactly one such extension with exactly one URI; else null, as for what is no such extension at all.</summary>
    public static string? Read(X509Certificate2 certificate)
    {
        try
        {
            if (certificate.Extensions.Where(extension => extension.Oid?.Value == Oid).Take(2).ToArray() is not [var only])
            {
                return null;
            }

            var outer = new AsnReader(only.RawData, AsnEncodingRules.DER);
            var names = outer.ReadSequence();
            outer.ThrowIfNotEmpty();
            string? found = null;
            while (names.HasData)
            {
                if (!names.PeekTag().HasSameClassAndValue(UriTag))
                {
                    names.ReadEncodedValue();
                    continue;
                }

                if (found is not null)
                {
                    return null;
                }

                found = names.ReadCharacterString(UniversalTagNumber.IA5String, UriTag);
            }

            return found;
        }
        catch (AsnContentException)
        {
            return null;
        }
    }
}
