namespace Micro.Security;

/// <summary>A rule with its patterns taken apart. Smaller <see cref="Rank"/> decides: priority, then deny before allow, then the id, so that nothing depends on the order given.</summary>
internal sealed class CompiledRule(CallRule rule, CallerPattern caller, NamePattern name, NamePattern operation)
{
    public static readonly Comparison<CompiledRule> Precedence = static (one, other) => Compare(one.Rule, other.Rule);

    public CallRule Rule => rule;

    public CallerPattern Caller => caller;

    public NamePattern Name => name;

    public NamePattern Operation => operation;

    public int Rank { get; set; }

    /// <summary>Whether it is about every resource of its kind.</summary>
    public bool IsUniversal => name.IsAny && operation.IsAny;

    public bool Covers(in ProtectedResource resource) => rule.Kind == resource.Kind && name.Matches(resource.Name) && operation.Matches(resource.Operation);

    /// <summary>Null when it is well formed; else the field, and what that has to be.</summary>
    public static (string Field, string Allowed)? TryCompile(CallRule rule, string trustDomain, string @namespace, out CompiledRule? compiled)
    {
        compiled = null;
        if (string.IsNullOrWhiteSpace(rule.Id))
        {
            return (nameof(CallRule.Id), "a text of its own");
        }

        if (rule.Effect is not (RuleEffect.Allow or RuleEffect.Deny))
        {
            return (nameof(CallRule.Effect), "allow or deny");
        }

        if (!Enum.IsDefined(rule.Kind))
        {
            return (nameof(CallRule.Kind), "call, topic, store, config or admin");
        }

        if (rule.Caller is null || !CallerPattern.TryParse(rule.Caller, trustDomain, @namespace, out var caller))
        {
            return (nameof(CallRule.Caller), CallerPattern.Allowed);
        }

        if (rule.Scope is null || (rule.Scope.Length > 0 && (rule.Scope.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)) || (rule.Scope.Length > 1 && rule.Scope.Contains('*')))))
        {
            return (nameof(CallRule.Scope), "empty for anyone, '*' for whoever is verified, or one scope, without blanks and wildcards");
        }

        if (NamePattern.TryParse(rule.Name ?? "", out var name) is { } wrongName)
        {
            return (nameof(CallRule.Name), wrongName);
        }

        if (NamePattern.TryParse(rule.Operation ?? "", out var operation) is { } wrongOperation)
        {
            return (nameof(CallRule.Operation), wrongOperation);
        }

        compiled = new CompiledRule(rule, caller, name, operation);
        return null;
    }

    private static int Compare(CallRule one, CallRule other)
    {
        var order = other.Priority.CompareTo(one.Priority);
        order = order != 0 ? order : one.Effect.CompareTo(other.Effect);
        order = order != 0 ? order : string.CompareOrdinal(one.Id, other.Id);
        order = order != 0 ? order : one.Kind.CompareTo(other.Kind);
        order = order != 0 ? order : string.CompareOrdinal(one.Name, other.Name);
        order = order != 0 ? order : string.CompareOrdinal(one.Operation, other.Operation);
        order = order != 0 ? order : string.CompareOrdinal(one.Caller, other.Caller);
        return order != 0 ? order : string.CompareOrdinal(one.Scope, other.Scope);
    }
}
