using System.Collections.Frozen;

namespace Micro.Security;

/// <summary>Of the rules for one caller pattern and one resource the most decisive for each scope; the others can never decide.</summary>
internal sealed class ScopeRules
{
    private CompiledRule? _public;
    private CompiledRule? _verified;
    private Dictionary<string, CompiledRule>? _named;

    /// <summary>Adds a rule, unless a more decisive one is there; returns whether it did. Rules come in the order of their ranks.</summary>
    public bool TryAdd(CompiledRule rule)
    {
        switch (rule.Rule.Scope)
        {
            case "":
                return Take(ref _public, rule);
            case "*":
                return Take(ref _verified, rule);
            default:
                return (_named ??= new(StringComparer.Ordinal)).TryAdd(rule.Rule.Scope, rule);
        }
    }

    /// <summary>The more decisive of what was found so far and what applies here.</summary>
    public CompiledRule? Best(Caller caller, CompiledRule? best)
    {
        best = Better(best, _public);
        if (caller.IsAnonymous)
        {
            return best;
        }

        best = Better(best, _verified);
        return _named is null || caller.Account is not { } account ? best : BestNamed(account.Scopes, best);
    }

    public static CompiledRule? Better(CompiledRule? one, CompiledRule? other) => one is null || (other is not null && other.Rank < one.Rank) ? other : one;

    // The account's scopes are looked up in the rules and not the other way round: the set is somebody else's and may compare as it likes. The two kinds of set
    // that there are in practice are walked without allocating.
    private CompiledRule? BestNamed(IReadOnlySet<string> scopes, CompiledRule? best)
    {
        switch (scopes)
        {
            case FrozenSet<string> frozen:
                foreach (var scope in frozen)
                {
                    best = Better(best, _named!.GetValueOrDefault(scope));
                }

                break;
            case HashSet<string> hashed:
                foreach (var scope in hashed)
                {
                    best = Better(best, _named!.GetValueOrDefault(scope));
                }

                break;
            default:
                foreach (var scope in scopes)
                {
                    best = Better(best, _named!.GetValueOrDefault(scope));
                }

                break;
        }

        return best;
    }

    private static bool Take(ref CompiledRule? place, CompiledRule rule)
    {
        if (place is not null)
        {
            return false;
        }

        place = rule;
        return true;
    }
}
