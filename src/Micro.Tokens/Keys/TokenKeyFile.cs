using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Micro.Tokens.Keys;

/// <summary>The format of <c>token-keys.json</c>, version 1.</summary>
internal static class TokenKeyFile
{
    private const int Format = 1;

    public static byte[] Write(IEnumerable<TokenKeyRow> keys) =>
        JsonSerializer.SerializeToUtf8Bytes(new TokenKeyContent(Format, [.. keys]), TokenKeyJson.Default.TokenKeyContent);

    /// <exception cref="FormatException">It is not of this format; the message quotes nothing.</exception>
    public static TokenKeyRow[] Parse(ReadOnlySpan<byte> content)
    {
        try
        {
            var file = JsonSerializer.Deserialize(content, TokenKeyJson.Default.TokenKeyContent);
            return file is { Format: Format } ? file.Keys : throw new FormatException($"its format is {file?.Format}, this version of Micro reads {Format}");
        }
        catch (JsonException e)
        {
            throw new FormatException($"it is not JSON of the expected shape at line {e.LineNumber}");
        }
    }

    /// <summary>A new key.</summary>
    public static TokenKeyRow Create(DateTimeOffset signsFrom)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new TokenKeyRow(
            JsonWebKeys.Thumbprint(key.ExportParameters(includePrivateParameters: false)), signsFrom.ToUnixTimeSeconds(), null, key.ExportPkcs8PrivateKey());
    }

    /// <exception cref="FormatException">The key is damaged, or not on P-256.</exception>
    public static SigningKey Read(TokenKeyRow row)
    {
        try
        {
            var key = ECDsa.Create();
            key.ImportPkcs8PrivateKey(row.Pkcs8, out _);
            return key.ExportParameters(includePrivateParameters: false).Curve.Oid.Value == ECCurve.NamedCurves.nistP256.Oid.Value
                ? new SigningKey(row.Kid, key, DateTimeOffset.FromUnixTimeSeconds(row.SignsFrom), row.VerifiesUntil is { } end ? DateTimeOffset.FromUnixTimeSeconds(end) : null)
                : throw new FormatException("a key in it is not on P-256");
        }
        catch (CryptographicException)
        {
            throw new FormatException("a key in it is damaged");
        }
    }
}

internal sealed record TokenKeyContent(int Format, TokenKeyRow[] Keys);

internal sealed record TokenKeyRow(string Kid, long SignsFrom, long? VerifiesUntil, byte[] Pkcs8)
{
    public override string ToString() => Kid;
}

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    WriteIndented = true,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    NumberHandling = JsonNumberHandling.Strict)]
[JsonSerializable(typeof(TokenKeyContent))]
internal sealed partial class TokenKeyJson : JsonSerializerContext;
