using Microsoft.CodeAnalysis;

namespace Micro.Generators.Reading;

/// <summary>Reads the route key of a method: an expression over <c>request</c> that gives a string, or null.</summary>
internal static class RouteKeyReader
{
    private const string Attribute = "Micro.RouteKeyAttribute";
    private const string Invariant = "global::System.Globalization.CultureInfo.InvariantCulture";

    public static string? Read(IMethodSymbol method, IParameterSymbol? parameter, ITypeSymbol request, bool stream, ContractScope scope)
    {
        if (parameter is null)
        {
            return null;
        }

        var marked = Marked(request);
        var onParameter = parameter.Has(Attribute);
        if (stream)
        {
            if (onParameter || (marked.Count > 0 && !IsRequest(request, scope)))
            {
                scope.Report(Rules.RouteKeyIgnored, parameter, onParameter ? parameter.Name : $"{request.Name}.{marked[0].Name}", method.Name);
            }

            return null;
        }

        if (marked.Count + (onParameter ? 1 : 0) > 1)
        {
            scope.Report(Rules.RouteKeyInvalid, parameter, $"{method.Name}", $"there is more than one ({Names(marked, onParameter ? parameter : null)}); keep one");
            return null;
        }

        if (onParameter)
        {
            return OfParameter(method, parameter, request, scope);
        }

        return marked.Count == 1 ? OfProperty(method, parameter, marked[0], request, scope) : null;
    }

    private static string? OfParameter(IMethodSymbol method, IParameterSymbol parameter, ITypeSymbol request, ContractScope scope)
    {
        if (TypeShapes.Of(request, scope.Json).Kind is TypeShapeKind.Scalar or TypeShapeKind.Enum && ToText(request) is { } text)
        {
            return "request" + text;
        }

        scope.Report(Rules.RouteKeyInvalid, parameter, $"{method.Name}", $"'{parameter.Name}' is a whole message; mark the property of '{request.ToReadable()}' that is the key");
        return null;
    }

    private static string? OfProperty(IMethodSymbol method, IParameterSymbol parameter, IPropertySymbol property, ITypeSymbol request, ContractScope scope)
    {
        if (property.IsStatic || property.GetMethod is null || !scope.Compilation.IsSymbolAccessibleWithin(property.GetMethod, scope.Compilation.Assembly))
        {
            scope.Report(Rules.RouteKeyInvalid, parameter, $"{method.Name}", $"'{property.ToReadable()}' cannot be read by generated code; give it a public getter");
            return null;
        }

        if (ToText(property.Type) is not { } text)
        {
            scope.Report(Rules.RouteKeyInvalid, parameter, $"{method.Name}", $"'{property.ToReadable()}' has no text that tells its values apart; use a string, a number, an enum, a Guid or a type that overrides ToString");
            return null;
        }

        return "request" + (request.MayBeNull() ? "?." : ".") + property.Name.Escaped() + text;
    }

    /// <summary>Whether another method of the contract takes the message as its one request, and so uses the key.</summary>
    private static bool IsRequest(ITypeSymbol message, ContractScope scope) =>
        scope.Contract.AllInterfaces.Add(scope.Contract)
            .SelectMany(type => type.GetMembers().OfType<IMethodSymbol>())
            .Any(method => method.Parameters.Any(parameter => SymbolEqualityComparer.Default.Equals(parameter.Type, message)));

    /// <summary>Properties marked themselves, or through the parameter of a record: there the attribute lands on the parameter unless told otherwise.</summary>
    private static List<IPropertySymbol> Marked(ITypeSymbol request)
    {
        var marked = new List<IPropertySymbol>();
        for (var type = request.Unwrapped(); type is INamedTypeSymbol named; type = type.BaseType)
        {
            var parameters = named.IsRecord
                ? new HashSet<string>(named.InstanceConstructors.SelectMany(one => one.Parameters).Where(one => one.Has(Attribute)).Select(one => one.Name), StringComparer.Ordinal)
                : [];
            marked.AddRange(named.GetMembers().OfType<IPropertySymbol>().Where(property => property.Has(Attribute) || parameters.Contains(property.Name)));
        }

        return marked;
    }

    private static string Names(IEnumerable<IPropertySymbol> properties, IParameterSymbol? parameter) =>
        string.Join(", ", properties.Select(property => property.Name).Concat(parameter is null ? [] : [parameter.Name]));

    /// <summary>What turns a value into text, the same in every culture; null when nothing does.</summary>
    private static string? ToText(ITypeSymbol type)
    {
        var bare = type.Unwrapped();
        var access = type.MayBeNull() || (bare.IsReferenceType && type.NullableAnnotation != NullableAnnotation.NotAnnotated) ? "?." : ".";
        if (bare.SpecialType == SpecialType.System_String)
        {
            return "";
        }

        if (bare.TypeKind == TypeKind.Enum || bare.SpecialType is SpecialType.System_Boolean or SpecialType.System_Char)
        {
            return access + "ToString()";
        }

        if (HasFormat(bare))
        {
            return access + $"ToString(null, {Invariant})";
        }

        var collection = bare.Implements("System.Collections.IEnumerable") is not null;
        return !collection && bare is INamedTypeSymbol { IsTupleType: false } && Overrides(bare) ? access + "ToString()" : null;
    }

    private static bool HasFormat(ITypeSymbol type) =>
        type.Implements("System.IFormattable") is not null
        && type.GetMembers("ToString").OfType<IMethodSymbol>().Any(one =>
            one is { DeclaredAccessibility: Accessibility.Public, Parameters.Length: 2 }
            && one.Parameters[0].Type.SpecialType == SpecialType.System_String
            && one.Parameters[1].Type.Is("System.IFormatProvider"));

    private static bool Overrides(ITypeSymbol type)
    {
        for (var current = type; current is not null && current.SpecialType is not (SpecialType.System_Object or SpecialType.System_ValueType); current = current.BaseType)
        {
            if (current.IsRecord || current.GetMembers("ToString").OfType<IMethodSymbol>().Any(one => one.IsOverride && one.Parameters.IsEmpty))
            {
                return true;
            }
        }

        return false;
    }
}
