using System.Collections.Frozen;

namespace Micro.Tokens;

/// <summary>An account to be created. Immutable.</summary>
public sealed record AccountDraft
{
    /// <summary>Its name: 1 to 128 visible ASCII characters without space, <c>"</c>, <c>\</c>. Compared exactly.</summary>
    public required string Id { get; init; }

    /// <summary>What it is: <c>user</c>, <c>service</c>, or another word of 1 to 64 such characters. Default <c>user</c>.</summary>
    public string Type { get; init; } = "user";

    /// <summary>What it is granted: words of 1 to 64 such characters, at most 64, none of them <c>*</c>. Default none.</summary>
    public IReadOnlySet<string> Scopes { get; init; } = FrozenSet<string>.Empty;

    /// <summary>Further names and values that go into its tokens: at most 16, of 64 and 256 characters. Default none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = FrozenDictionary<string, string>.Empty;

    /// <summary>Its secret, 12 to 1,024 characters. Null makes one of 256 random bits.</summary>
    public string? Secret { get; init; }

    /// <summary>The id alone, never the secret.</summary>
    public override string ToString() => $"account {Id}";

    /// <exception cref="ArgumentException">Something in it is not allowed.</exception>
    internal void Check()
    {
        CheckWord(Id, 128, "An account's id");
        CheckWord(Type, 64, "An account's type");
        foreach (var scope in Scopes)
        {
            CheckWord(scope, 64, "A scope");
        }

        if (Scopes.Count > 64 || Scopes.Contains("*"))
        {
            throw new ArgumentException("An account has at most 64 scopes, and '*' is none: in a rule it means any verified caller.");
        }

        if (Metadata.Count > 16 || Metadata.Any(pair => pair.Key.Length is 0 or > 64 || pair.Value is null or { Length: > 256 }))
        {
            throw new ArgumentException("An account has at most 16 further names and values, of at most 64 and 256 characters.");
        }
    }

    private static void CheckWord(string word, int length, string what)
    {
        if (string.IsNullOrEmpty(word) || word.Length > length || word.Any(c => c is <= ' ' or > '~' or '"' or '\\'))
        {
            throw new ArgumentException($"{what} is 1 to {length} visible ASCII characters, without space, quotation mark and backslash.");
        }
    }
}
