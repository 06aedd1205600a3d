namespace Micro.Security;

/// <summary>
/// Allows or denies. Among the rules that match, those with the highest priority decide; where they disagree, deny wins; where nothing matches, it is denied.
/// The order rules are given in never counts. Immutable.
/// </summary>
public sealed record CallRule
{
    /// <summary>Unique among the rules of its source; what logs and <c>micro auth explain</c> call it.</summary>
    public required string Id { get; init; }

    /// <summary>What it does. Default: deny.</summary>
    public RuleEffect Effect { get; init; }

    /// <summary>The higher one decides. Default 0, which is also that of rules from attributes.</summary>
    public int Priority { get; init; }

    /// <summary>
    /// The calling service: <c>*</c> for any or none; <c>orders</c>, a service of this process's trust domain and namespace; <c>team/orders</c>, of another
    /// namespace; <c>spiffe://other/team/orders</c>. A segment may be <c>*</c>, and the last may end in <c>*</c>. Default <c>*</c>.
    /// </summary>
    public string Caller { get; init; } = "*";

    /// <summary>
    /// What the caller has to have: empty, nothing at all, so that anonymous callers match too; <c>*</c>, a verified identity or account; else this scope, among
    /// those of its account. Compared exactly. Default <c>*</c>.
    /// </summary>
    public string Scope { get; init; } = "*";

    /// <summary>Kind of thing. Default: calls.</summary>
    public ResourceKind Kind { get; init; }

    /// <summary>Name of the thing; may end in <c>*</c>. Default <c>*</c>.</summary>
    public string Name { get; init; } = "*";

    /// <summary>What is done with it; may end in <c>*</c>. Default <c>*</c>.</summary>
    public string Operation { get; init; } = "*";
}
