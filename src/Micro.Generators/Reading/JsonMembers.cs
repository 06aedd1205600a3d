using Microsoft.CodeAnalysis;

namespace Micro.Generators.Reading;

/// <summary>Lists what System.Text.Json, or protobuf's JSON, carries of a type.</summary>
internal static class JsonMembers
{
    private const string Json = "System.Text.Json.Serialization.";

    /// <summary>The members of a class, record or struct; those of its base types first.</summary>
    public static IReadOnlyList<JsonMember> Of(ITypeSymbol type, JsonProfile profile)
    {
        var members = new List<JsonMember>();
        var required = profile.RequiredParameters ? JsonConstructors.Required(type) : [];
        foreach (var level in Levels(type))
        {
            foreach (var member in level.GetMembers())
            {
                if (Carried(member, profile) is not { } carried)
                {
                    continue;
                }

                members.RemoveAll(hidden => hidden.Name == carried.Name);
                members.Add(required.Contains(carried.Name) ? carried with { Required = true } : carried);
            }
        }

        return members;
    }

    /// <summary>The fields of a protobuf message, by the properties protoc writes for them.</summary>
    public static IReadOnlyList<JsonMember> OfProtobuf(ITypeSymbol type)
    {
        var properties = type.GetMembers().OfType<IPropertySymbol>()
            .Where(property => property is { IsStatic: false, IsIndexer: false, DeclaredAccessibility: Accessibility.Public })
            .Where(property => property.Name is not ("Descriptor" or "Parser"))
            .Where(property => !property.Type.Name.EndsWith("OneofCase", StringComparison.Ordinal))
            .ToList();
        var names = new HashSet<string>(properties.Select(property => property.Name), StringComparer.Ordinal);

        // proto3 optional: HasX tells whether X was set; it is no field.
        return [.. properties
            .Where(property => property.SetMethod is not null || !property.Name.StartsWith("Has", StringComparison.Ordinal) || !names.Contains(property.Name.Substring(3)))
            .Select(property => new JsonMember(property.Name, JsonNaming.LowerFirst(property.Name), property.Type, Required: false, Converter: null))];
    }

    private static IEnumerable<ITypeSymbol> Levels(ITypeSymbol type)
    {
        var levels = new Stack<ITypeSymbol>();
        if (type.TypeKind == TypeKind.Interface)
        {
            foreach (var one in type.AllInterfaces)
            {
                levels.Push(one);
            }
        }

        var current = type;
        for (; current is not null && current.SpecialType is not (SpecialType.System_Object or SpecialType.System_ValueType); current = current.BaseType)
        {
            levels.Push(current);
        }

        return levels;
    }

    private static JsonMember? Carried(ISymbol member, JsonProfile profile)
    {
        var included = member.Has(Json + "JsonIncludeAttribute");
        var type = member switch
        {
            IPropertySymbol { IsStatic: false, IsIndexer: false } property when included || IsPublic(property) => property.Type,
            IFieldSymbol { IsStatic: false, AssociatedSymbol: null } field when included || (profile.IncludeFields && field.DeclaredAccessibility == Accessibility.Public) => field.Type,
            _ => null,
        };
        if (type is null || IsIgnored(member) || member.Has(Json + "JsonExtensionDataAttribute"))
        {
            return null;
        }

        var name = member.Attribute(Json + "JsonPropertyNameAttribute")?.ConstructorArguments.FirstOrDefault().Value as string;
        var required = member is IPropertySymbol { IsRequired: true } or IFieldSymbol { IsRequired: true } || member.Has(Json + "JsonRequiredAttribute");
        return new JsonMember(member.Name, name ?? JsonNaming.Apply(profile.Naming, member.Name), type, required, JsonProfile.ConverterOf(member));
    }

    private static bool IsPublic(IPropertySymbol property) =>
        property.GetMethod?.DeclaredAccessibility == Accessibility.Public || property.SetMethod?.DeclaredAccessibility == Accessibility.Public;

    private static bool IsIgnored(ISymbol member)
    {
        const int Always = 1;
        return member.Attribute(Json + "JsonIgnoreAttribute") is { } attribute && attribute.Named("Condition") is not { Value: not Always };
    }
}
