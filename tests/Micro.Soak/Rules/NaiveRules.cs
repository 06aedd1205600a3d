using Micro.Security;

namespace Micro.Soak.Rules;

/// <summary>
/// The rules again, written to be obviously right: every rule is tried on every request, patterns are compared segment by segment, nothing is indexed or kept. What the
/// engine says must be what this says (RBAC-10).
/// </summary>
internal static class NaiveRules
{
    public static (bool Allowed, int? Priority) Decide(IReadOnlyList<CallRule> rules, Caller caller, ProtectedResource resource, string trustDomain, string @namespace)
    {
        var matching = rules.Where(rule => Matches(rule, caller, resource, trustDomain, @namespace)).ToList();
        if (matching.Count == 0)
        {
            return (false, null);
        }

        var highest = matching.Max(rule => rule.Priority);
        return (matching.Where(rule => rule.Priority == highest).All(rule => rule.Effect == RuleEffect.Allow), highest);
    }

    private static bool Matches(CallRule rule, Caller caller, ProtectedResource resource, string trustDomain, string @namespace) =>
        rule.Kind == resource.Kind
        && Text(rule.Name, resource.Name)
        && Text(rule.Operation, resource.Operation)
        && HasScope(rule.Scope, caller)
        && IsCaller(rule.Caller, caller.Identity, trustDomain, @namespace);

    private static bool Text(string pattern, string text)
    {
        if (!pattern.EndsWith('*'))
        {
            return pattern == text;
        }

        var fixedPart = pattern.Substring(0, pattern.Length - 1);
        if (text.Length < fixedPart.Length)
        {
            return false;
        }

        for (var i = 0; i < fixedPart.Length; i++)
        {
            if (text[i] != fixedPart[i])
            {
                return false;
            }
        }

        return true;
    }

    private static bool HasScope(string scope, Caller caller)
    {
        if (scope == "")
        {
            return true;
        }

        if (scope == "*")
        {
            return caller.Identity != null || caller.Account != null;
        }

        return caller.Account != null && caller.Account.Scopes.Any(one => one == scope);
    }

    private static bool IsCaller(string pattern, ServiceIdentity? identity, string trustDomain, string @namespace)
    {
        if (pattern == "*")
        {
            return true;
        }

        if (identity == null)
        {
            return false;
        }

        string[] wanted;
        if (pattern.StartsWith("spiffe://"))
        {
            wanted = pattern.Substring("spiffe://".Length).Split('/');
        }
        else
        {
            var parts = pattern.Split('/');
            wanted = parts.Length == 1 ? [trustDomain, @namespace, parts[0]] : [trustDomain, parts[0], parts[1]];
        }

        var given = identity.ToString().Substring("spiffe://".Length).Split('/');
        if (wanted.Length != given.Length || wanted[0] != given[0])
        {
            return false;
        }

        for (var i = 1; i < wanted.Length; i++)
        {
            var last = i == wanted.Length - 1;
            if (wanted[i] != "*" && !(last ? Text(wanted[i], given[i]) : wanted[i] == given[i]))
            {
                return false;
            }
        }

        return true;
    }
}
