using System.Text.Json;
using Micro.Tokens.Keys;

namespace Micro.Tokens.Verification;

/// <summary>
/// The header of a token. It names an algorithm of the closed list, which is checked before anything else, and the id of a configured key. Whatever else could bring a
/// key or a meaning along (<c>jku</c>, <c>x5u</c>, <c>jwk</c>, <c>x5c</c>, <c>crit</c>, …) makes the token refused. Sources: RFC 8725, section 3; JWT-SVID.md, section 2.
/// </summary>
internal readonly record struct TokenHeader(string Algorithm, string KeyId, string? Type)
{
    private const int MaxKeyIdLength = 256;

    /// <exception cref="TokenRefusedException">It is not one we accept.</exception>
    public static TokenHeader Parse(byte[] json)
    {
        using var document = StrictJson.Parse(json, "header");
        var header = document.RootElement;
        var algorithm = StrictJson.Text(header, "alg");
        if (algorithm is null || !SignatureAlgorithms.Contains(algorithm))
        {
            throw new TokenRefusedException("its algorithm is missing or none of those accepted");
        }

        foreach (var member in header.EnumerateObject())
        {
            // Thumbprints of certificates, which some issuers send beside the key's id, are not looked at.
            if (!(member.NameEquals("alg") || member.NameEquals("kid") || member.NameEquals("typ") || member.NameEquals("x5t") || member.NameEquals("x5t#S256")))
            {
                throw new TokenRefusedException("its header has a parameter that is not accepted");
            }
        }

        return StrictJson.Text(header, "kid") is { Length: > 0 and <= MaxKeyIdLength } key
            ? new TokenHeader(algorithm, key, StrictJson.Text(header, "typ"))
            : throw new TokenRefusedException("it names no key");
    }

    /// <exception cref="TokenRefusedException">It is a token of another kind.</exception>
    public void CheckType(string? wanted)
    {
        if (wanted is null ? Type is not (null or "JWT" or "JOSE") : !string.Equals(Type, wanted, StringComparison.Ordinal))
        {
            throw new TokenRefusedException("its type is not that of an access token");
        }
    }
}
