using System.Collections.Frozen;
using System.Text.Json;

namespace Micro.Tokens.Verification;

/// <summary>From the claims of a verified token to the account. Claims of another shape than expected grant nothing.</summary>
internal static class AccountClaims
{
    /// <summary>The claim with <see cref="Account.Type"/> in tokens of our own.</summary>
    public const string TypeClaim = "type";

    /// <summary>The claim with <see cref="Account.Metadata"/> in tokens of our own.</summary>
    public const string MetadataClaim = "meta";

    public static Account Read(JsonElement payload, string subject, IssuerTrust issuer)
    {
        var scopes = Words(payload, "scope") ?? (issuer.Outside is null ? null : Words(payload, "scp")) ?? [];
        if (issuer.Outside is not { } outside)
        {
            var type = StrictJson.Text(payload, TypeClaim) ?? throw new TokenRefusedException("it has no type of account");
            return new Account(subject, type, scopes.ToFrozenSet(StringComparer.Ordinal), issuer.Name) { Metadata = Metadata(payload) };
        }

        var prefixed = outside.ScopePrefix.Length == 0 ? scopes : scopes.Select(scope => outside.ScopePrefix + scope);
        return new Account(subject, outside.AccountType, prefixed.ToFrozenSet(StringComparer.Ordinal), issuer.Name)
        {
            Metadata = outside.MetadataClaims
                .Select(name => (Name: name, Value: payload.TryGetProperty(name, out var value) ? StrictJson.Text(value) : null))
                .Where(claim => claim.Value is not null)
                .ToFrozenDictionary(claim => claim.Name, claim => claim.Value!, StringComparer.Ordinal),
        };
    }

    /// <summary>Words with spaces between them (RFC 8693, section 4.2), or an array of words.</summary>
    private static string[]? Words(JsonElement payload, string name)
    {
        if (!payload.TryGetProperty(name, out var value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Select(StrictJson.Text).Where(word => !string.IsNullOrEmpty(word)).Select(word => word!)]
            : StrictJson.Text(value)?.Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    private static FrozenDictionary<string, string> Metadata(JsonElement payload) =>
        payload.TryGetProperty(MetadataClaim, out var values) && values.ValueKind == JsonValueKind.Object
            ? values.EnumerateObject()
                .Select(member => (member.Name, Value: StrictJson.Text(member.Value)))
                .Where(member => member.Value is not null)
                .ToFrozenDictionary(member => member.Name, member => member.Value!, StringComparer.Ordinal)
            : FrozenDictionary<string, string>.Empty;
}
