using System.Text.Json.Serialization;

namespace Micro.Security;

/// <summary>The content of the authority's file, version 1.</summary>
internal sealed record AuthorityJson
{
    public required long Sequence { get; init; }

    public required string TrustDomain { get; init; }

    public bool ReplacesAll { get; init; }

    public required IReadOnlyList<Root> Roots { get; init; }

    public IReadOnlyList<string> Revoked { get; init; } = [];

    public IReadOnlyList<RevokedSerial> RevokedSerials { get; init; } = [];

    /// <param name="Certificate">DER, in base64.</param>
    /// <param name="SignsFrom">When it begins to sign.</param>
    /// <param name="TrustedUntil">When it goes; null while it stays.</param>
    internal sealed record Root(byte[] Certificate, DateTimeOffset SignsFrom, DateTimeOffset? TrustedUntil);
}

// What is not in this version is refused rather than skipped: what decides who is trusted is understood entirely or not at all.
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(AuthorityJson))]
[JsonSerializable(typeof(JoinTokenJson))]
internal sealed partial class SecurityJson : JsonSerializerContext;
