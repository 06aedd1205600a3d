using Microsoft.CodeAnalysis;

namespace Micro.Generators.Reading;

/// <summary>Finds the constructor that System.Text.Json makes a message with, and what it cannot do without.</summary>
internal static class JsonConstructors
{
    private const string Chosen = "System.Text.Json.Serialization.JsonConstructorAttribute";

    /// <summary>Parameters without a default value; a message that lacks one of them is refused under RespectRequiredConstructorParameters.</summary>
    public static IReadOnlyCollection<string> Required(ITypeSymbol type)
    {
        var required = Of(type)?.Parameters.Where(parameter => !parameter.HasExplicitDefaultValue).Select(parameter => parameter.Name);
        return new HashSet<string>(required ?? [], StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The one that is marked, else the public one without parameters, else the only public one.</summary>
    private static IMethodSymbol? Of(ITypeSymbol type)
    {
        if (type is not INamedTypeSymbol { TypeKind: TypeKind.Class or TypeKind.Struct } named)
        {
            return null;
        }

        var own = named.InstanceConstructors.Where(one => one.DeclaredAccessibility == Accessibility.Public).ToList();
        return named.InstanceConstructors.FirstOrDefault(one => one.Has(Chosen))
            ?? own.FirstOrDefault(one => one.Parameters.IsEmpty)
            ?? (own.Count == 1 ? own[0] : null);
    }
}
