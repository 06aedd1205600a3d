using System.Collections.Frozen;

namespace Micro.Security;

/// <summary>An account as a store keeps it. Immutable.</summary>
public sealed record AccountRecord
{
    /// <summary>The account's name, by which it is looked up; unique, compared exactly.</summary>
    public required string Id { get; init; }

    /// <summary>What it is: <c>user</c>, <c>service</c>, or another word. Default <c>user</c>.</summary>
    public string Type { get; init; } = "user";

    /// <summary>What it was granted. Default none.</summary>
    public IReadOnlySet<string> Scopes { get; init; } = FrozenSet<string>.Empty;

    /// <summary>Further names and values, which go into its tokens. Default none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = FrozenDictionary<string, string>.Empty;

    /// <summary>What its secret is checked against; null when it cannot be used with one.</summary>
    public HashedSecret? Secret { get; init; }

    /// <summary>Sign-ins that can be carried on with a refresh token. Default none.</summary>
    public IReadOnlyList<RefreshFamily> Families { get; init; } = [];

    /// <summary>When it was created, to the second.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Rises with every write of the store; zero for an account that was never written.</summary>
    public long Version { get; init; }

    /// <summary>The id alone.</summary>
    public override string ToString() => $"account {Id}";
}
