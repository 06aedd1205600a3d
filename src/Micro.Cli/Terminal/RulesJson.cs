using Micro.Security;

namespace Micro.Cli.Terminal;

/// <summary>What <c>micro auth rules --json</c> writes.</summary>
/// <param name="File">The file that was read; null when none is named.</param>
/// <param name="Rules">The rules of the file.</param>
/// <param name="Service">The service that was asked; null for none.</param>
/// <param name="Methods">Its methods, with the rules their attributes make.</param>
internal sealed record RulesJson(string? File, IReadOnlyList<RulesJson.Rule> Rules, string? Service = null, IReadOnlyList<RulesJson.RuledMethod>? Methods = null)
{
    internal sealed record Rule(string Id, string Effect, int Priority, string Caller, string Scope, string Kind, string Name, string Operation)
    {
        public static Rule Of(CallRule rule) => new(
            rule.Id, Word(rule.Effect), rule.Priority, rule.Caller, rule.Scope, Word(rule.Kind), rule.Name, rule.Operation);

        private static string Word<T>(T value)
            where T : struct, Enum => value.ToString().ToLowerInvariant();
    }

    /// <param name="Path">Its path.</param>
    /// <param name="Rules">Null when the service does not tell.</param>
    internal sealed record RuledMethod(string Path, IReadOnlyList<Rule>? Rules);

    internal sealed record Removal(string File, string Id, bool Removed);
}
