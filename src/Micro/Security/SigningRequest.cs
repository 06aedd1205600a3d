using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Micro.Security;

/// <summary>
/// What is taken from a certificate signing request: the public key, proven to belong to whoever made the request, and nothing else. Whatever names,
/// extensions or lifetimes it asks for are not even read. Source: RFC 2986.
/// </summary>
internal sealed class SigningRequest
{
    /// <summary>Largest request, in bytes.</summary>
    public const int MaxBytes = 8192;

    // SHA-256 and better, with ECDSA or RSA PKCS#1 v1.5.
    private static readonly HashSet<string> Signatures =
    [
        "1.2.840.10045.4.3.2", "1.2.840.10045.4.3.3", "1.2.840.10045.4.3.4",
        "1.2.840.113549.1.1.11", "1.2.840.113549.1.1.12", "1.2.840.113549.1.1.13",
    ];

    private SigningRequest(PublicKey key) => Key = key;

    /// <summary>The key to be certified.</summary>
    public PublicKey Key { get; }

    /// <summary>Reads a request and checks its signature.</summary>
    /// <param name="pkcs10">DER.</param>
    /// <exception cref="CredentialException">It is none, is not signed with its own key, or its key is not one of those allowed.</exception>
    public static SigningRequest Read(byte[] pkcs10)
    {
        if (pkcs10.Length > MaxBytes)
        {
            throw new CredentialException($"The certificate signing request is larger than {MaxBytes} bytes.");
        }

        try
        {
            CheckSignatureAlgorithm(pkcs10);
            var request = CertificateRequest.LoadSigningRequest(pkcs10, HashAlgorithmName.SHA256, out var length);
            if (length != pkcs10.Length)
            {
                throw new CredentialException("The certificate signing request has bytes after its end.");
            }

            return PublicKeyRules.Refusal(request.PublicKey) is { } reason
                ? throw new CredentialException($"The certificate signing request is refused: {reason}. Allowed are {PublicKeyRules.Allowed}.")
                : new SigningRequest(request.PublicKey);
        }
        catch (Exception exception) when (exception is CryptographicException or AsnContentException or NotSupportedException or ArgumentException)
        {
            throw new CredentialException("The certificate signing request cannot be read, or is not signed with its own key. It has to be PKCS#10 in DER.", exception);
        }
    }

    private static void CheckSignatureAlgorithm(byte[] pkcs10)
    {
        var request = new AsnReader(pkcs10, AsnEncodingRules.DER).ReadSequence();
        request.ReadEncodedValue();
        var algorithm = request.ReadSequence().ReadObjectIdentifier();
        if (!Signatures.Contains(algorithm))
        {
            throw new CredentialException($"The certificate signing request is signed with {algorithm}; allowed are ECDSA and RSA PKCS#1 with SHA-256 or better.");
        }
    }
}
