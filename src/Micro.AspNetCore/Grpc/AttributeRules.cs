using System.Reflection;
using Micro.Security;

namespace Micro.AspNetCore.Grpc;

/// <summary>
/// The rules that the attributes of a service class say, with the meaning that the generator gives them on contracts: what a method says about who may takes the place of
/// what its class says, denials of both add up, and a scope narrows whoever is allowed. Those of a base class do not count.
/// </summary>
internal static class AttributeRules
{
    public static IReadOnlyList<CallRule> Of(MemberInfo method, MemberInfo type, CallSpec spec)
    {
        var own = Allowed(method);
        var allowed = own.Count > 0 ? own : Allowed(type);
        var scope = ScopeOf(method) ?? (own.Contains(Everyone) ? null : ScopeOf(type));
        if (scope is not null)
        {
            allowed = allowed.Count == 0 ? [new Rule(RuleEffect.Allow, "*", scope)] : [.. allowed.Select(rule => rule with { Scope = scope })];
        }

        return [.. allowed.Concat(Denied(type)).Concat(Denied(method)).Distinct().Select((rule, i) => new CallRule
        {
            Id = $"{spec.FullName}#{i + 1}",
            Effect = rule.Effect,
            Caller = rule.Caller,
            Scope = rule.Scope,
            Name = spec.Contract,
            Operation = spec.Method,
        })];
    }

    private static readonly Rule Everyone = new(RuleEffect.Allow, "*", "");

    private static List<Rule> Allowed(MemberInfo member)
    {
        var rules = member.GetCustomAttributes<AllowAttribute>(inherit: false).Select(one => Of(RuleEffect.Allow, one.Callers, one.Service)).ToList();
        return member.IsDefined(typeof(PublicAttribute), inherit: false) ? [Everyone, .. rules] : rules;
    }

    private static IEnumerable<Rule> Denied(MemberInfo member) =>
        member.GetCustomAttributes<DenyAttribute>(inherit: false).Select(one => Of(RuleEffect.Deny, one.Callers, one.Service));

    private static string? ScopeOf(MemberInfo member) => member.GetCustomAttribute<RequireScopeAttribute>(inherit: false)?.Scope;

    private static Rule Of(RuleEffect effect, Callers callers, string? service) => (service, callers) switch
    {
        ({ } name, _) => new Rule(effect, name, "*"),
        (_, Callers.TrustDomain) => new Rule(effect, "*/*", "*"),
        (_, Callers.Anyone) => new Rule(effect, "*", ""),
        _ => new Rule(effect, "*", "*"),
    };

    private sealed record Rule(RuleEffect Effect, string Caller, string Scope);
}
