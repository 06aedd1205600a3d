using System.Collections.Frozen;

namespace Micro.Tokens.Keys;

/// <summary>
/// The closed list of algorithms: {RS, ES, PS} × {256, 384, 512} (RFC 7518, section 3.1). <c>none</c> and every HMAC are outside, and each key belongs to the
/// algorithms of its own type (RFC 8725, sections 2.1, 3.1).
/// </summary>
internal static class SignatureAlgorithms
{
    public static readonly IReadOnlyList<string> Rsa = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];

    private static readonly FrozenSet<string> All = FrozenSet.Create(StringComparer.Ordinal, [.. Rsa, "ES256", "ES384", "ES512"]);

    public static bool Contains(string algorithm) => All.Contains(algorithm);

    /// <summary>The one algorithm of a curve; null for other curves.</summary>
    public static string? OfCurve(string? curve) => curve switch
    {
        "P-256" => "ES256",
        "P-384" => "ES384",
        "P-521" => "ES512",
        _ => null,
    };
}
