using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Micro.Generators.Reading;

/// <summary>How symbols are named and recognised here.</summary>
internal static class SymbolExtensions
{
    private static readonly SymbolDisplayFormat Qualified =
        SymbolDisplayFormat.FullyQualifiedFormat.AddMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    private static readonly SymbolDisplayFormat NamespaceName =
        SymbolDisplayFormat.FullyQualifiedFormat.WithGlobalNamespaceStyle(SymbolDisplayGlobalNamespaceStyle.Omitted);

    /// <summary>As code: <c>global::</c>, type arguments, <c>?</c> where annotated, <c>@</c> before keywords.</summary>
    public static string ToCode(this ITypeSymbol type) => type.ToDisplayString(Qualified);

    /// <summary>As code without its own <c>?</c>, for <c>typeof</c>, casts and declarations.</summary>
    public static string ToBareCode(this ITypeSymbol type) => type.WithNullableAnnotation(NullableAnnotation.NotAnnotated).ToCode();

    /// <summary>As people write it.</summary>
    public static string ToReadable(this ISymbol symbol) => symbol.ToDisplayString(SymbolDisplayFormat.CSharpShortErrorMessageFormat);

    public static string ToCode(this INamespaceSymbol symbol) => symbol.IsGlobalNamespace ? "" : symbol.ToDisplayString(NamespaceName);

    public static string Escaped(this string identifier) =>
        SyntaxFacts.GetKeywordKind(identifier) != SyntaxKind.None ? "@" + identifier : identifier;

    /// <summary>Namespace and metadata name, e.g. <c>System.Collections.Generic.List`1</c>; of a nested type with its parents.</summary>
    public static string MetadataPath(this ITypeSymbol type)
    {
        var definition = type.OriginalDefinition;
        if (definition.ContainingType is { } outer)
        {
            return outer.MetadataPath() + "+" + definition.MetadataName;
        }

        return definition.ContainingNamespace is { IsGlobalNamespace: false } space ? space.ToDisplayString() + "." + definition.MetadataName : definition.MetadataName;
    }

    public static bool Is(this ITypeSymbol type, string metadataPath) => type is INamedTypeSymbol && type.MetadataPath() == metadataPath;

    public static bool IsOrDerivesFrom(this ITypeSymbol type, string metadataPath)
    {
        for (var current = type; current is not null; current = current.BaseType)
        {
            if (current.Is(metadataPath))
            {
                return true;
            }
        }

        return false;
    }

    public static AttributeData? Attribute(this ISymbol symbol, string metadataPath) =>
        symbol.GetAttributes().FirstOrDefault(attribute => attribute.AttributeClass?.Is(metadataPath) == true);

    public static bool Has(this ISymbol symbol, string metadataPath) => symbol.Attribute(metadataPath) is not null;

    public static TypedConstant? Named(this AttributeData attribute, string name)
    {
        foreach (var pair in attribute.NamedArguments)
        {
            if (pair.Key == name)
            {
                return pair.Value;
            }
        }

        return null;
    }

    /// <summary>The type that is or is implemented with one constructed from the interface, or null.</summary>
    public static INamedTypeSymbol? Implements(this ITypeSymbol type, string metadataPath)
    {
        if (type is INamedTypeSymbol named && named.Is(metadataPath))
        {
            return named;
        }

        return type.AllInterfaces.FirstOrDefault(one => one.Is(metadataPath));
    }

    /// <summary>What stands in <c>Nullable&lt;T&gt;</c>; the type itself for others.</summary>
    public static ITypeSymbol Unwrapped(this ITypeSymbol type) =>
        type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable ? nullable.TypeArguments[0] : type;

    public static bool MayBeNull(this ITypeSymbol type) =>
        type.NullableAnnotation == NullableAnnotation.Annotated || type.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T;

    public static bool IsProtobuf(this ITypeSymbol type) =>
        type.TypeKind != TypeKind.Interface && type.AllInterfaces.Any(one => one.Is("Google.Protobuf.IMessage"));

    /// <summary>Whether the compiler could not bind the type, or one it is made of; it has said so itself.</summary>
    public static bool IsUnknown(this ITypeSymbol type) => type switch
    {
        { TypeKind: TypeKind.Error } => true,
        IArrayTypeSymbol array => array.ElementType.IsUnknown(),
        INamedTypeSymbol named => named.TypeArguments.Any(IsUnknown),
        _ => false,
    };
}
