using System.Text.Json;

namespace Micro.Tokens.Verification;

/// <summary>What a token says, checked as far as that goes without its key. Source: RFC 7519, section 4.1; RFC 7800, section 3.1.</summary>
/// <param name="Subject">Whose it is.</param>
/// <param name="ExpiresAt"><c>exp</c>, in seconds since 1970.</param>
/// <param name="BoundTo">The one identity that may use it; null for any.</param>
internal sealed record TokenClaims(string Subject, double ExpiresAt, ServiceIdentity? BoundTo)
{
    /// <summary>Member of <c>cnf</c> with the SPIFFE id of the holder.</summary>
    public const string ConfirmationMember = "spiffe";

    private const int MaxTextLength = 255;
    private const double MaxSeconds = 253402300799; // the year 9999

    /// <param name="payload">The claims.</param>
    /// <param name="audience">Who has to be among those it is for.</param>
    /// <param name="now">The time, in seconds since 1970.</param>
    /// <param name="leeway">By how much clocks may disagree, in seconds.</param>
    /// <exception cref="TokenRefusedException">It is not for us, or not now.</exception>
    public static TokenClaims Parse(JsonElement payload, string audience, double now, double leeway)
    {
        CheckAudience(payload, audience);
        var expires = Time(payload, "exp") ?? throw new TokenRefusedException("it has no 'exp'");
        if (expires + leeway <= now)
        {
            throw new TokenRefusedException("it has expired");
        }

        if (Time(payload, "nbf") > now + leeway)
        {
            throw new TokenRefusedException("it is not valid yet ('nbf')");
        }

        if (Time(payload, "iat") > now + leeway)
        {
            throw new TokenRefusedException("it was issued in the future ('iat')");
        }

        return StrictJson.Text(payload, "sub") is { Length: > 0 and <= MaxTextLength } subject && !subject.Any(char.IsControl)
            ? new TokenClaims(subject, expires, Confirmation(payload))
            : throw new TokenRefusedException("it has no 'sub', or not one of 1 to 255 characters");
    }

    private static void CheckAudience(JsonElement payload, string audience)
    {
        if (!payload.TryGetProperty("aud", out var value))
        {
            throw new TokenRefusedException("it has no 'aud'");
        }

        if (audience.Length > 0 && (Is(value, audience) || (value.ValueKind == JsonValueKind.Array && value.EnumerateArray().Any(one => Is(one, audience)))))
        {
            return;
        }

        throw new TokenRefusedException("it is for another audience");
    }

    private static bool Is(JsonElement value, string audience) => string.Equals(StrictJson.Text(value), audience, StringComparison.Ordinal);

    private static double? Time(JsonElement payload, string name)
    {
        if (!payload.TryGetProperty(name, out var value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var seconds) && seconds is >= 0 and <= MaxSeconds
            ? seconds
            : throw new TokenRefusedException($"'{name}' is not a time");
    }

    /// <summary>A proof we cannot check is no proof: every other member of <c>cnf</c> refuses the token.</summary>
    private static ServiceIdentity? Confirmation(JsonElement payload)
    {
        if (!payload.TryGetProperty("cnf", out var value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Object
            && value.GetPropertyCount() == 1
            && value.TryGetProperty(ConfirmationMember, out var id)
            && ServiceIdentity.TryParse(StrictJson.Text(id), out var identity)
            ? identity
            : throw new TokenRefusedException("it is bound to something that cannot be checked here ('cnf')");
    }
}
