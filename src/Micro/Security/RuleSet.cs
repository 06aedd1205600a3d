using System.Collections.Concurrent;
using System.Collections.Frozen;

namespace Micro.Security;

/// <summary>
/// Rules made ready to decide by: an immutable snapshot. The highest priority among the matching rules decides, deny beats allow at equal priority, and what nothing
/// matches is denied. A decision allocates nothing and costs the same for ten rules and for ten thousand. Thread-safe.
/// </summary>
public sealed class RuleSet
{
    /// <summary>No rules: everything is denied.</summary>
    public static readonly RuleSet Empty = Create([], "micro.local", "default");

    // What is kept for a resource is kept as long as the set. Past these limits decisions are made by going through the rules, so that no name somebody
    // thinks up makes the process grow.
    private const int MaxTables = 4096;
    private const int MaxTabled = 500_000;

    private static readonly HashSet<string> NoScopes = [];

    private readonly CompiledRule[] _rules;
    private readonly FrozenDictionary<ResourceKind, Kind> _kinds;
    private readonly ConcurrentDictionary<ProtectedResource, RuleTable> _tables = new();
    private int _tableCount;
    private int _tabled;

    private RuleSet(CompiledRule[] rules)
    {
        _rules = rules;
        _kinds = rules.GroupBy(rule => rule.Rule.Kind).ToFrozenDictionary(group => group.Key, group => new Kind(group));
    }

    /// <summary>The rules, the most decisive first.</summary>
    public IEnumerable<CallRule> Rules => _rules.Select(rule => rule.Rule);

    internal int TableCount => Volatile.Read(ref _tableCount);

    /// <summary>Makes rules ready.</summary>
    /// <param name="rules">In any order.</param>
    /// <param name="trustDomain">The trust domain that callers without one belong to.</param>
    /// <param name="namespace">The namespace that callers without one belong to.</param>
    /// <exception cref="RuleException">A rule is malformed; the message names it, the field and what that has to be.</exception>
    public static RuleSet Create(IEnumerable<CallRule> rules, string trustDomain, string @namespace)
    {
        ArgumentNullException.ThrowIfNull(rules);
        var compiled = new List<CompiledRule>();
        foreach (var rule in rules)
        {
            compiled.Add(CompiledRule.TryCompile(rule, trustDomain, @namespace, out var one) is { } wrong
                ? throw new RuleException("rules", rule.Id, wrong.Field, $"it has to be {wrong.Allowed}")
                : one!);
        }

        compiled.Sort(CompiledRule.Precedence);
        for (var i = 0; i < compiled.Count; i++)
        {
            compiled[i].Rank = i;
        }

        return new RuleSet([.. compiled]);
    }

    /// <summary>Decides.</summary>
    public AuthorizationDecision Authorize(Caller caller, in ProtectedResource resource) => Authorize(caller, resource, out _);

    /// <summary>Decides, and shows its work: every rule that matches, the deciding one first.</summary>
    public RuleExplanation Explain(Caller caller, ProtectedResource resource)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var scopes = TryScopes(caller);
        var matching = _rules.Where(rule => rule.Covers(resource) && Applies(rule, caller, scopes)).Select(rule => rule.Rule).ToArray();
        return new RuleExplanation(caller, resource, matching);
    }

    /// <summary>
    /// Decides. When the account's scopes cannot be read, the rules that ask for one cannot be evaluated: those that deny count as matching, those that allow do not.
    /// </summary>
    internal AuthorizationDecision Authorize(Caller caller, in ProtectedResource resource, out Exception? failure)
    {
        failure = null;
        if (!_kinds.TryGetValue(resource.Kind, out var kind))
        {
            return default;
        }

        CompiledRule? best;
        try
        {
            var table = kind.HasSpecific ? TableFor(kind, resource) : null;
            best = table is null && kind.HasSpecific
                ? Scan(kind, caller, resource)
                : ScopeRules.Better(kind.Universal.Best(caller), table?.Best(caller));
        }
        catch (Exception e)
        {
            failure = e;
            best = Scan(kind, caller, resource);
        }

        return best is null ? default : new AuthorizationDecision(best.Rule.Effect == RuleEffect.Allow, best.Rule);
    }

    private static CompiledRule? Scan(Kind kind, Caller caller, in ProtectedResource resource)
    {
        var scopes = TryScopes(caller);
        foreach (var rule in kind.Rules)
        {
            if (rule.Covers(resource) && Applies(rule, caller, scopes))
            {
                return rule;
            }
        }

        return null;
    }

    private static bool Applies(CompiledRule rule, Caller caller, HashSet<string>? scopes) => rule.Caller.Matches(caller.Identity) && rule.Rule.Scope switch
    {
        "" => true,
        "*" => !caller.IsAnonymous,
        _ when scopes is null => rule.Rule.Effect == RuleEffect.Deny,
        var scope => scopes.Contains(scope),
    };

    /// <summary>The account's scopes, to be compared exactly; null when they cannot be read.</summary>
    private static HashSet<string>? TryScopes(Caller caller)
    {
        try
        {
            return caller.Account is { } account ? new HashSet<string>(account.Scopes.AsEnumerable(), StringComparer.Ordinal) : NoScopes;
        }
        catch (Exception)
        {
            return null;
        }
    }

    private RuleTable? TableFor(Kind kind, in ProtectedResource resource) => _tables.TryGetValue(resource, out var table) ? table : TryKeep(kind, resource);

    private RuleTable? TryKeep(Kind kind, ProtectedResource resource)
    {
        if (Volatile.Read(ref _tableCount) >= MaxTables || Volatile.Read(ref _tabled) >= MaxTabled)
        {
            return null;
        }

        var table = new RuleTable(kind.Rules.Where(rule => !rule.IsUniversal && rule.Covers(resource)));
        if (_tables.TryAdd(resource, table))
        {
            Interlocked.Increment(ref _tableCount);
            Interlocked.Add(ref _tabled, table.Count);
        }

        return table;
    }

    /// <summary>The rules of one kind, the most decisive first.</summary>
    private sealed class Kind(IEnumerable<CompiledRule> rules)
    {
        public CompiledRule[] Rules { get; } = [.. rules];

        public RuleTable Universal { get; } = new(rules.Where(rule => rule.IsUniversal));

        public bool HasSpecific { get; } = rules.Any(rule => !rule.IsUniversal);
    }
}
