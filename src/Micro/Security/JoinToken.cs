using System.Buffers.Text;
using System.Security.Cryptography;

namespace Micro.Security;

/// <summary>
/// The text of a join token: <c>mjt1_</c>, 16 hexadecimal digits by which it is found, <c>_</c>, 43 characters of base64url that are its secret of 256 bits.
/// </summary>
internal readonly record struct JoinToken(string Id, byte[] Secret)
{
    private const string Prefix = "mjt1_";
    private const int IdLength = 16;
    private const int SecretBytes = 32;
    private const int SecretLength = 43;

    public static JoinToken Create() => new(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdLength / 2)), RandomNumberGenerator.GetBytes(SecretBytes));

    /// <summary>Null when the text is none. The id of one that is read has hexadecimal digits only, so it can name no other file.</summary>
    public static JoinToken? TryRead(string? text)
    {
        if (text?.Trim() is not { Length: 65 } token || !token.StartsWith(Prefix, StringComparison.Ordinal) || token[Prefix.Length + IdLength] != '_')
        {
            return null;
        }

        var id = token.AsSpan(Prefix.Length, IdLength);
        var secret = new byte[SecretBytes];
        return !id.ContainsAnyExcept("0123456789abcdef")
            && Base64Url.TryDecodeFromChars(token.AsSpan(token.Length - SecretLength), secret, out var written) && written == SecretBytes
            ? new JoinToken(id.ToString(), secret)
            : null;
    }

    public string Reveal() => $"{Prefix}{Id}_{Base64Url.EncodeToString(Secret)}";

    /// <summary>The id alone, so that no log gets the rest.</summary>
    public override string ToString() => $"{Prefix}{Id}_…";
}
