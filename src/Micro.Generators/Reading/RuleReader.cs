using Micro.Generators.Models;
using Microsoft.CodeAnalysis;

namespace Micro.Generators.Reading;

/// <summary>
/// Reads who may call a method, and who may not. What a method says itself about who may takes the place of what its contract says; denials of both add up, and a scope
/// narrows whoever is allowed. Attributes of an inherited interface do not count: a contract says itself who may call it.
/// </summary>
internal static class RuleReader
{
    private const string Namespace = "Micro.Security.";

    // The numbers of Micro.Security.Callers.
    private const int TrustDomain = 0;
    private const int Authenticated = 1;
    private const int Anyone = 2;

    private static readonly RuleModel Everyone = new(true, "*", "");

    public static IReadOnlyList<RuleModel> Read(ISymbol method, ContractScope scope)
    {
        var own = Of(method, "AllowAttribute", allows: true, scope);
        var allowed = own.Count > 0 ? own : Of(scope.Contract, "AllowAttribute", allows: true, scope);
        var ownScope = ScopeOf(method, scope);
        var required = ownScope ?? (own.Contains(Everyone) ? null : ScopeOf(scope.Contract, scope));
        List<RuleModel> denied = [.. Of(scope.Contract, "DenyAttribute", allows: false, scope), .. Of(method, "DenyAttribute", allows: false, scope)];
        CheckSame(scope.Contract, scope);
        CheckSame(method, scope);
        if (required is not null)
        {
            allowed = allowed.Count == 0 ? [new RuleModel(true, "*", required)] : [.. allowed.Select(rule => rule with { Scope = required })];
        }

        return [.. allowed.Concat(denied).Distinct()];
    }

    /// <summary>What is clearly wrong in one place.</summary>
    private static void CheckSame(ISymbol symbol, ContractScope scope)
    {
        var allowed = Of(symbol, "AllowAttribute", allows: true, scope);
        if (allowed.Contains(Everyone) && ScopeOf(symbol, scope) is { } required && scope.Reported.Add($"scope of {symbol}"))
        {
            scope.Report(Rules.PublicWithScope, symbol, symbol.Name, required);
        }

        foreach (var denied in Of(symbol, "DenyAttribute", allows: false, scope))
        {
            if (allowed.FirstOrDefault(rule => Covers(denied, rule)) is { } never && scope.Reported.Add($"deny of {symbol}"))
            {
                scope.Report(Rules.AllowedAndDenied, symbol, symbol.Name, Text(never), Text(denied));
            }
        }
    }

    /// <summary>Whether a denial takes all of what is allowed. Denying a part, say one service of a trust domain, is what denials are for.</summary>
    private static bool Covers(RuleModel denied, RuleModel allowed) =>
        denied.Scope == "" || (denied.Caller == allowed.Caller && denied.Scope == allowed.Scope)
        || (denied.Caller is "*" or "*/*" && allowed.Caller is not "*");

    private static string Text(RuleModel rule) => (rule.Caller, rule.Scope) switch
    {
        ("*", "") => "everyone",
        ("*", _) => "whoever is verified",
        ("*/*", _) => "the trust domain",
        var (caller, _) => $"'{caller}'",
    };

    private static List<RuleModel> Of(ISymbol symbol, string attribute, bool allows, ContractScope scope)
    {
        var rules = new List<RuleModel>();
        foreach (var data in symbol.GetAttributes())
        {
            if (allows && data.AttributeClass?.Is(Namespace + "PublicAttribute") == true)
            {
                rules.Add(Everyone);
            }

            if (data.AttributeClass?.Is(Namespace + attribute) == true && data.ConstructorArguments.Length == 1)
            {
                rules.Add(Rule(symbol, data.ConstructorArguments[0], allows, scope));
            }
        }

        return rules;
    }

    private static RuleModel Rule(ISymbol symbol, TypedConstant argument, bool allows, ContractScope scope)
    {
        if (argument.Kind == TypedConstantKind.Enum)
        {
            switch (argument.Value)
            {
                case TrustDomain:
                    return new RuleModel(allows, "*/*", "*");
                case Authenticated:
                    return new RuleModel(allows, "*", "*");
                case Anyone:
                    return Everyone with { Allows = allows };
                default:
                    if (scope.Reported.Add($"callers of {symbol}"))
                    {
                        scope.Report(Rules.UnknownCallers, symbol, symbol.Name, $"{argument.Value}");
                    }

                    return new RuleModel(allows, "*", "*");
            }
        }

        var service = argument.Value as string ?? "";
        if (!WireNames.IsService(service) && scope.Reported.Add("[Allow] " + service))
        {
            scope.Report(Rules.ServiceName, symbol, service);
        }

        return new RuleModel(allows, service, "*");
    }

    private static string? ScopeOf(ISymbol symbol, ContractScope scope)
    {
        var data = symbol.GetAttributes().FirstOrDefault(one => one.AttributeClass?.Is(Namespace + "RequireScopeAttribute") == true && one.ConstructorArguments.Length == 1);
        if (data is null)
        {
            return null;
        }

        var required = data.ConstructorArguments[0].Value as string ?? "";
        if ((required.Length == 0 || required.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c == '*')) && scope.Reported.Add($"[RequireScope] {required}"))
        {
            scope.Report(Rules.Scope, symbol, required);
        }

        return required;
    }
}
