using Microsoft.CodeAnalysis;

namespace Micro.Generators.Reading;

/// <summary>What the JSON context of a contract says about its messages. Lives only while one contract is read.</summary>
internal sealed class JsonProfile
{
    private const string Json = "System.Text.Json.Serialization.";

    private readonly HashSet<ITypeSymbol>? _described;

    private JsonProfile(INamedTypeSymbol? context)
    {
        Context = context;
        if (context is null)
        {
            return;
        }

        var options = context.Attribute(Json + "JsonSourceGenerationOptionsAttribute");
        Naming = NamingOf(options);
        IncludeFields = options?.Named("IncludeFields")?.Value is true;
        StringEnums = options?.Named("UseStringEnumConverter")?.Value is true;
        RequiredParameters = options?.Named("RespectRequiredConstructorParameters")?.Value is true;
        _described = Described(context);
    }

    /// <summary>A contract without a context: the web conventions of Micro's JSON.</summary>
    public static JsonProfile Default { get; } = new(null);

    public INamedTypeSymbol? Context { get; }

    /// <summary>
    /// One of <see cref="JsonNaming"/>. Micro's JSON follows the web conventions, unless a context has options of its own: those hold, and they keep
    /// names as they are where they say nothing else.
    /// </summary>
    public int Naming { get; } = JsonNaming.CamelCase;

    public bool IncludeFields { get; }

    public bool StringEnums { get; }

    /// <summary>Whether a message is refused that lacks a parameter of its constructor.</summary>
    public bool RequiredParameters { get; }

    public static JsonProfile Of(INamedTypeSymbol? context) => context is null ? Default : new JsonProfile(context);

    /// <summary>Whether the context has metadata of the type, named or reached from one that is named.</summary>
    public bool Describes(ITypeSymbol type) => _described is null || _described.Contains(type.Unwrapped());

    /// <summary>The converter a type or member names, or null.</summary>
    public static INamedTypeSymbol? ConverterOf(ISymbol symbol) =>
        symbol.Attribute(Json + "JsonConverterAttribute")?.ConstructorArguments.FirstOrDefault().Value as INamedTypeSymbol;

    /// <summary>Whether the converter writes an enum by the names of its values.</summary>
    public static bool IsStringEnum(INamedTypeSymbol? converter) =>
        converter is not null && (converter.IsOrDerivesFrom(Json + "JsonStringEnumConverter") || converter.IsOrDerivesFrom(Json + "JsonStringEnumConverter`1"));

    private static int NamingOf(AttributeData? options)
    {
        const int Web = 1;
        if (options is null || (options.Named("PropertyNamingPolicy") is null && options.ConstructorArguments.FirstOrDefault().Value is Web))
        {
            return JsonNaming.CamelCase;
        }

        return options.Named("PropertyNamingPolicy")?.Value is int policy ? policy : JsonNaming.AsIs;
    }

    private HashSet<ITypeSymbol> Described(INamedTypeSymbol context)
    {
        var seen = new HashSet<ITypeSymbol>(SymbolEqualityComparer.Default);
        var open = new Stack<ITypeSymbol>(Named(context, "JsonSerializableAttribute"));
        while (open.Count > 0)
        {
            var type = open.Pop().Unwrapped();
            if (!seen.Add(type))
            {
                continue;
            }

            var shape = TypeShapes.Of(type, this);
            foreach (var next in new[] { shape.Key, shape.Element }.OfType<ITypeSymbol>().Concat(Named(type, "JsonDerivedTypeAttribute")))
            {
                open.Push(next);
            }

            foreach (var member in shape.Kind == TypeShapeKind.Object ? JsonMembers.Of(type, this) : [])
            {
                open.Push(member.Type);
            }
        }

        return seen;
    }

    private static IEnumerable<ITypeSymbol> Named(ISymbol symbol, string attribute) =>
        symbol.GetAttributes()
            .Where(one => one.AttributeClass?.Is(Json + attribute) == true)
            .Select(one => one.ConstructorArguments.FirstOrDefault().Value)
            .OfType<ITypeSymbol>();
}
