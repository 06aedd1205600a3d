using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Micro.Generators.Reading;

/// <summary>Reads who may call a method.</summary>
internal static class AllowReader
{
    private const string Attribute = "Micro.Security.AllowAttribute";

    /// <summary>The method's own rules, else the contract's, as expressions. Those of an inherited interface do not count: a contract says itself who may call it.</summary>
    public static IReadOnlyList<string> Read(ISymbol method, ContractScope scope)
    {
        var own = Of(method, scope);
        return own.Count > 0 ? own : Of(scope.Contract, scope);
    }

    private static List<string> Of(ISymbol symbol, ContractScope scope)
    {
        var rules = new List<string>();
        foreach (var attribute in symbol.GetAttributes().Where(attribute => attribute.AttributeClass?.Is(Attribute) == true && attribute.ConstructorArguments.Length == 1))
        {
            var argument = attribute.ConstructorArguments[0];
            if (argument.Kind == TypedConstantKind.Enum)
            {
                rules.Add($"new global::Micro.Security.AllowRule({Member(argument)})");
                continue;
            }

            var service = argument.Value as string ?? "";
            if (!WireNames.IsService(service) && scope.Reported.Add("[Allow] " + service))
            {
                scope.Report(Rules.ServiceName, symbol, service);
            }

            rules.Add($"new global::Micro.Security.AllowRule(default, {SymbolDisplay.FormatLiteral(service, quote: true)})");
        }

        return rules;
    }

    private static string Member(TypedConstant value)
    {
        var name = value.Type!.GetMembers().OfType<IFieldSymbol>().FirstOrDefault(field => field.HasConstantValue && Equals(field.ConstantValue, value.Value))?.Name;
        return name is null ? $"(global::Micro.Security.Callers)({value.Value})" : "global::Micro.Security.Callers." + name;
    }
}
