namespace Micro.Security;

/// <summary>A name that is compared exactly, or what stands before a final <c>*</c>, or anything.</summary>
internal readonly record struct NamePattern(string Text, bool IsPrefix)
{
    public const int MaxLength = 512;

    public bool IsAny => IsPrefix && Text.Length == 0;

    /// <summary>Null when it is one, else what it has to be.</summary>
    public static string? TryParse(string text, out NamePattern pattern)
    {
        pattern = default;
        if (text.Length is 0 or > MaxLength || text.AsSpan(0, text.Length - 1).Contains('*') || text.Any(char.IsControl))
        {
            return $"a name of 1 to {MaxLength} characters that may end in '*'";
        }

        var prefix = text[^1] == '*';
        pattern = new NamePattern(prefix ? text[..^1] : text, prefix);
        return null;
    }

    public bool Matches(string name) => IsPrefix ? name.StartsWith(Text, StringComparison.Ordinal) : string.Equals(name, Text, StringComparison.Ordinal);
}
