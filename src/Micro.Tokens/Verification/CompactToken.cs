using System.Buffers;
using System.Buffers.Text;

namespace Micro.Tokens.Verification;

/// <summary>
/// A JWS in compact serialization, taken apart (RFC 7515, section 7.1). Stricter than decoders are: three parts in the alphabet of base64url, without padding, white
/// space or leftover bits, so that a token has one spelling.
/// </summary>
internal readonly struct CompactToken
{
    /// <summary>Longest token, in characters: 8,192.</summary>
    public const int MaxLength = 8192;

    private static readonly SearchValues<char> Alphabet = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    private CompactToken(byte[] header, byte[] payload)
    {
        Header = header;
        Payload = payload;
    }

    public byte[] Header { get; }

    public byte[] Payload { get; }

    /// <param name="token">Of at most <see cref="MaxLength"/> characters.</param>
    /// <exception cref="TokenRefusedException">It is none.</exception>
    public static CompactToken Parse(string token)
    {
        var text = token.AsSpan();
        Span<Range> parts = stackalloc Range[4];
        if (text.Split(parts, '.') != 3)
        {
            throw new TokenRefusedException("it has not three parts");
        }

        Decode(text[parts[2]]);
        return new CompactToken(Decode(text[parts[0]]), Decode(text[parts[1]]));
    }

    private static byte[] Decode(ReadOnlySpan<char> part)
    {
        if (part.IsEmpty || part.ContainsAnyExcept(Alphabet))
        {
            throw new TokenRefusedException("a part is empty or has a character outside base64url");
        }

        try
        {
            return Base64Url.DecodeFromChars(part);
        }
        catch (FormatException)
        {
            throw new TokenRefusedException("a part is not base64url");
        }
    }
}
