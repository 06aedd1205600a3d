using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;

namespace Micro.Tokens.Keys;

/// <summary>
/// Reads and writes JSON Web Key Sets (RFC 7517). Taken are EC and RSA keys with an id, for signatures; what has another type, use, curve or size is skipped, as the
/// RFC has it, and with it every symmetric key.
/// </summary>
internal static class JsonWebKeys
{
    /// <summary>Largest set, in bytes: 256 KiB.</summary>
    public const int MaxLength = 256 * 1024;

    private const int MaxKeys = 100;
    private const int MinRsaBits = 2048;
    private const int MaxRsaBits = 8192;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 8 };

    /// <exception cref="FormatException">It is no key set, or there is no key in it that can be used.</exception>
    public static KeySet Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, Strict);
            if (document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("keys", out var keys) || keys.ValueKind != JsonValueKind.Array || keys.GetArrayLength() > MaxKeys)
            {
                throw new FormatException($"A JSON Web Key Set is an object with an array 'keys' of at most {MaxKeys}.");
            }

            var found = keys.EnumerateArray().Select(Key).OfType<VerificationKey>().ToArray();
            return found.Length == 0 || found.Select(key => key.Id).Distinct(StringComparer.Ordinal).Count() != found.Length
                ? throw new FormatException("The JSON Web Key Set has no EC or RSA key for signatures with an id (kid), or two of one id.")
                : new KeySet(found);
        }
        catch (JsonException e)
        {
            throw new FormatException($"The JSON Web Key Set is not JSON, or repeats a name (line {e.LineNumber}).");
        }
    }

    /// <summary>Writes public keys on P-256.</summary>
    public static string Write(IEnumerable<(string Id, ECParameters Key)> keys)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("keys");
            foreach (var (id, key) in keys)
            {
                writer.WriteStartObject();
                writer.WriteString("kty", "EC");
                writer.WriteString("crv", "P-256");
                writer.WriteString("x", Base64Url.EncodeToString(key.Q.X));
                writer.WriteString("y", Base64Url.EncodeToString(key.Q.Y));
                writer.WriteString("use", "sig");
                writer.WriteString("alg", "ES256");
                writer.WriteString("kid", id);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    /// <summary>The id of a key on P-256: its thumbprint (RFC 7638).</summary>
    public static string Thumbprint(ECParameters key) => Base64Url.EncodeToString(SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(
        $$"""{"crv":"P-256","kty":"EC","x":"{{Base64Url.EncodeToString(key.Q.X)}}","y":"{{Base64Url.EncodeToString(key.Q.Y)}}"}""")));

    private static VerificationKey? Key(JsonElement jwk)
    {
        if (jwk.ValueKind != JsonValueKind.Object || Text(jwk, "kid") is not { Length: > 0 and <= 256 } id || Text(jwk, "use") is not (null or "sig") || !MayVerify(jwk))
        {
            return null;
        }

        try
        {
            return Text(jwk, "kty") switch
            {
                "EC" => Elliptic(jwk, id),
                "RSA" => Rsa(jwk, id),
                _ => null,
            };
        }
        catch (Exception e) when (e is CryptographicException or FormatException or ArgumentException)
        {
            return null;
        }
    }

    private static VerificationKey? Elliptic(JsonElement jwk, string id)
    {
        var algorithm = SignatureAlgorithms.OfCurve(Text(jwk, "crv"));
        if (algorithm is null || (Text(jwk, "alg") ?? algorithm) != algorithm)
        {
            return null;
        }

        var curve = algorithm switch
        {
            "ES256" => ECCurve.NamedCurves.nistP256,
            "ES384" => ECCurve.NamedCurves.nistP384,
            _ => ECCurve.NamedCurves.nistP521,
        };
        var key = ECDsa.Create(new ECParameters { Curve = curve, Q = new ECPoint { X = Bytes(jwk, "x"), Y = Bytes(jwk, "y") } });
        return new VerificationKey(id, new ECDsaSecurityKey(key) { KeyId = id }, [algorithm], DateTimeOffset.MaxValue);
    }

    private static VerificationKey? Rsa(JsonElement jwk, string id)
    {
        var parameters = new RSAParameters { Modulus = Bytes(jwk, "n"), Exponent = Bytes(jwk, "e") };
        var algorithms = Text(jwk, "alg") is { } one ? SignatureAlgorithms.Rsa.Where(name => name == one).ToArray() : SignatureAlgorithms.Rsa;
        using var key = RSA.Create(parameters);
        return algorithms.Count == 0 || key.KeySize is < MinRsaBits or > MaxRsaBits
            ? null
            : new VerificationKey(id, new RsaSecurityKey(parameters) { KeyId = id }, algorithms, DateTimeOffset.MaxValue);
    }

    private static bool MayVerify(JsonElement jwk) =>
        !jwk.TryGetProperty("key_ops", out var uses)
        || (uses.ValueKind == JsonValueKind.Array && uses.EnumerateArray().Any(use => use.ValueKind == JsonValueKind.String && use.ValueEquals("verify")));

    private static string? Text(JsonElement jwk, string name) =>
        jwk.TryGetProperty(name, out var value) ? value.ValueKind == JsonValueKind.String ? value.GetString() : "" : null;

    private static byte[] Bytes(JsonElement jwk, string name) => Base64Url.DecodeFromChars(Text(jwk, name) ?? throw new FormatException($"'{name}' is missing."));
}
