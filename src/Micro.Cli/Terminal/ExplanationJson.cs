namespace Micro.Cli.Terminal;

/// <summary>What <c>micro auth explain --json</c> writes.</summary>
/// <param name="Caller">Who would call.</param>
/// <param name="Scopes">What its account is taken to have.</param>
/// <param name="Service">The service.</param>
/// <param name="Method">The method's path.</param>
/// <param name="Allowed">What is decided.</param>
/// <param name="Rule">Id of the rule that decides; null when none matches.</param>
/// <param name="Reason">Why, in a sentence.</param>
/// <param name="Rules">All rules about the method that were looked at, the most decisive first.</param>
/// <param name="NotSeen">What could decide otherwise and is not known to the tool.</param>
internal sealed record ExplanationJson(
    string Caller,
    IReadOnlyList<string> Scopes,
    string Service,
    string Method,
    bool Allowed,
    string? Rule,
    string Reason,
    IReadOnlyList<ExplanationJson.Considered> Rules,
    string NotSeen)
{
    /// <param name="Rule">The rule.</param>
    /// <param name="Source">Where it is from: <c>attribute</c>, or the path of the file.</param>
    /// <param name="Matches">Whether it is about the caller.</param>
    internal sealed record Considered(RulesJson.Rule Rule, string Source, bool Matches);
}
