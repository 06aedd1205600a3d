using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Micro.Security;

namespace Micro.Tokens.Accounts;

/// <summary>The format of <c>accounts.json</c>, version 1.</summary>
internal static class AccountFile
{
    private const int Format = 1;

    public static byte[] Write(AccountSet set) => JsonSerializer.SerializeToUtf8Bytes(
        new AccountFileContent(Format, set.Sequence, [.. set.Accounts.Values.Select(Row)]), AccountFileJson.Default.AccountFileContent);

    /// <exception cref="JsonException">It is not JSON of this shape.</exception>
    /// <exception cref="FormatException">It is of another version, or inconsistent.</exception>
    public static AccountSet Parse(ReadOnlySpan<byte> content)
    {
        var file = JsonSerializer.Deserialize(content, AccountFileJson.Default.AccountFileContent) ?? throw new FormatException("it is null");
        if (file.Format != Format)
        {
            throw new FormatException($"its format is {file.Format}, this version of Micro reads {Format}");
        }

        var accounts = file.Accounts.ToImmutableSortedDictionary(row => row.Id, Record, StringComparer.Ordinal);
        return accounts.Values.Any(account => account.Version <= 0 || account.Version > file.Sequence)
            ? throw new FormatException("its versions do not fit its sequence")
            : new AccountSet(file.Sequence, accounts);
    }

    /// <summary>What is wrong, without a quote from the file.</summary>
    public static string Describe(Exception exception) => exception switch
    {
        JsonException json => $"not JSON of the expected shape at line {json.LineNumber}",
        FormatException format => format.Message,
        _ => exception.GetType().Name,
    };

    private static AccountRow Row(AccountRecord account) => new(
        account.Id,
        account.Type,
        [.. account.Scopes.Order(StringComparer.Ordinal)],
        new(account.Metadata),
        account.Secret is { } secret ? new SecretRow(secret.Algorithm, secret.Rounds, secret.Salt.ToArray(), secret.Hash.ToArray()) : null,
        [.. account.Families.Select(family => new FamilyRow(
            family.Id, family.Hash.ToArray(), family.Audience, family.Scopes is { } scopes ? [.. scopes] : null, family.BoundTo?.ToString(), family.ExpiresAt.ToUnixTimeSeconds()))],
        account.CreatedAt.ToUnixTimeSeconds(),
        account.Version);

    private static AccountRecord Record(AccountRow row) => new()
    {
        Id = row.Id,
        Type = row.Type,
        Scopes = row.Scopes.ToFrozenSet(StringComparer.Ordinal),
        Metadata = row.Metadata.ToFrozenDictionary(StringComparer.Ordinal),
        Secret = row.Secret is { } secret ? new HashedSecret(secret.Algorithm, secret.Rounds, secret.Salt, secret.Hash) : null,
        Families = [.. row.Families.Select(family => new RefreshFamily
        {
            Id = family.Id,
            Hash = family.Hash,
            Audience = family.Audience,
            Scopes = family.Scopes?.ToFrozenSet(StringComparer.Ordinal),
            BoundTo = family.BoundTo is { } id ? ServiceIdentity.Parse(id) : null,
            ExpiresAt = DateTimeOffset.FromUnixTimeSeconds(family.ExpiresAt),
        })],
        CreatedAt = DateTimeOffset.FromUnixTimeSeconds(row.CreatedAt),
        Version = row.Version,
    };
}

internal sealed record AccountFileContent(int Format, long Sequence, AccountRow[] Accounts);

internal sealed record AccountRow(
    string Id, string Type, string[] Scopes, Dictionary<string, string> Metadata, SecretRow? Secret, FamilyRow[] Families, long CreatedAt, long Version);

internal sealed record SecretRow(string Algorithm, int Rounds, byte[] Salt, byte[] Hash);

internal sealed record FamilyRow(string Id, byte[] Hash, string Audience, string[]? Scopes, string? BoundTo, long ExpiresAt);

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    WriteIndented = true,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    NumberHandling = JsonNumberHandling.Strict,
    DefaultIgnoreCondition = JsonIgnoreCondition.Never)]
[JsonSerializable(typeof(AccountFileContent))]
internal sealed partial class AccountFileJson : JsonSerializerContext;
