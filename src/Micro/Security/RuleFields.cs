using System.Globalization;

namespace Micro.Security;

/// <summary>Makes a rule of named texts, as configuration and files have them. What is not known is refused by name.</summary>
internal static class RuleFields
{
    private const string Known = "Id, Effect, Priority, Caller, Scope, Kind, Name and Operation";

    /// <param name="source">For errors.</param>
    /// <param name="place">What the rule is called while its id is not known.</param>
    /// <param name="fields">Names, in any case, and values; null is as good as none.</param>
    /// <exception cref="RuleException">One is unknown or malformed.</exception>
    public static CallRule Read(string source, string place, IEnumerable<(string Name, string? Value)> fields)
    {
        var given = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in fields)
        {
            if (value is not null && !given.TryAdd(name, value))
            {
                throw new RuleException(source, place, name, "it is given twice");
            }
        }

        var id = given.Remove("Id", out var text) && text.Length > 0 ? text : throw new RuleException(source, place, "Id", "it is missing");
        var rule = new CallRule
        {
            Id = id,
            Effect = Word<RuleEffect>("Effect") ?? throw new RuleException(source, id, "Effect", "it is missing; it has to be allow or deny"),
            Priority = Number("Priority"),
            Caller = Text("Caller") ?? "*",
            Scope = Text("Scope") ?? "*",
            Kind = Word<ResourceKind>("Kind") ?? ResourceKind.Call,
            Name = Text("Name") ?? "*",
            Operation = Text("Operation") ?? "*",
        };
        return given.Count == 0 ? rule : throw new RuleException(source, id, given.Keys.Order(StringComparer.Ordinal).First(), $"there is no such field; there are {Known}");

        string? Text(string name) => given.Remove(name, out var value) ? value : null;

        int Number(string name) =>
            Text(name) is not { } value ? 0
            : int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number
            : throw new RuleException(source, id, name, $"'{Shorten(value)}' is not a whole number of 32 bits");

        // Letters alone: a number, or several words with commas between, would be one of them, too.
        T? Word<T>(string name)
            where T : struct, Enum =>
            Text(name) is not { } value ? null
            : value.All(char.IsAsciiLetter) && Enum.TryParse<T>(value, ignoreCase: true, out var word) && Enum.IsDefined(word) ? word
            : throw new RuleException(source, id, name, $"'{Shorten(value)}' is unknown; it has to be {string.Join(" or ", Enum.GetNames<T>().Select(one => one.ToLowerInvariant()))}");
    }

    private static string Shorten(string text) => text.Length <= 100 ? text : text[..100] + "…";
}
