using System.Globalization;
using System.Text;
using Microsoft.CodeAnalysis;

namespace Micro.Generators.Reading;

/// <summary>
/// Writes the JSON Schema of a message, without <c>$ref</c>: a type within itself, deeper than <see cref="MaxDepth"/> or past
/// <see cref="MaxTypes"/> types is cut off to its title, so that no type can make a schema without bounds.
/// </summary>
internal sealed class SchemaWriter
{
    public const int MaxDepth = 8;
    public const int MaxTypes = 256;

    private readonly JsonProfile _profile;
    private readonly List<ITypeSymbol> _open = [];
    private int _depth;
    private int _written;

    private SchemaWriter(JsonProfile profile) => _profile = profile;

    public static string Write(ITypeSymbol type, JsonProfile profile)
    {
        var writer = new SchemaWriter(profile);
        var shape = TypeShapes.Of(type, profile);
        var protobuf = shape.Kind == TypeShapeKind.Protobuf;
        return "{" + string.Join(",", new[] { Text("title", Title(type)) }.Concat(writer.Parts(type, converter: null, protobuf).Where(part => !IsTitle(part)))) + "}";
    }

    private static bool IsTitle(string part) => part.StartsWith("\"title\":", StringComparison.Ordinal);

    private string Schema(ITypeSymbol type, INamedTypeSymbol? converter, bool protobuf) => "{" + string.Join(",", Parts(type, converter, protobuf)) + "}";

    private IEnumerable<string> Parts(ITypeSymbol type, INamedTypeSymbol? converter, bool protobuf)
    {
        var shape = TypeShapes.Of(type, _profile);
        var nullable = type.MayBeNull();
        var bare = type.Unwrapped();
        return shape.Kind switch
        {
            TypeShapeKind.Enum => Enum(bare, nullable, protobuf || _profile.StringEnums || JsonProfile.IsStringEnum(converter) || JsonProfile.IsStringEnum(JsonProfile.ConverterOf(bare))),
            _ when converter is not null => [],
            TypeShapeKind.Scalar => Scalar(shape, nullable, protobuf),
            TypeShapeKind.Array => Collection(bare, Type("array", nullable), "items", shape.Element!, protobuf),
            TypeShapeKind.Map => Collection(bare, Type("object", nullable), "additionalProperties", shape.Element!, protobuf),
            TypeShapeKind.Object => Object(bare, nullable, protobuf: false),
            TypeShapeKind.Protobuf => Object(bare, nullable, protobuf: true),
            _ => [Text("title", Title(bare))],
        };
    }

    private static IEnumerable<string> Scalar(TypeShape shape, bool nullable, bool protobuf)
    {
        // Protobuf's JSON writes 64-bit numbers as strings.
        yield return Type(protobuf && shape.Format is ("int64" or "uint64") ? "string" : shape.JsonType, nullable);
        if (shape.Format == Scalars.Base64)
        {
            yield return Text("contentEncoding", Scalars.Base64);
        }
        else if (shape.Format == "char")
        {
            yield return "\"maxLength\":1";
        }
        else if (shape.Format is not null)
        {
            yield return Text("format", shape.Format);
        }
    }

    private static IEnumerable<string> Enum(ITypeSymbol type, bool nullable, bool names)
    {
        var values = type.GetMembers().OfType<IFieldSymbol>().Where(field => field.HasConstantValue).ToList();
        yield return Text("title", Title(type));
        yield return Type(names ? "string" : "integer", nullable);
        if (type.Has("System.FlagsAttribute"))
        {
            yield break;
        }

        var list = names ? values.Select(WireName).Select(Quote) : values.Select(Number);
        yield return "\"enum\":[" + string.Join(",", nullable ? list.Concat(["null"]) : list) + "]";
        if (!names)
        {
            yield return Text("description", string.Join(", ", values.Select(value => $"{Number(value)} {value.Name}")));
        }
    }

    private static string Number(IFieldSymbol value) => Convert.ToString(value.ConstantValue, CultureInfo.InvariantCulture);

    private static string WireName(IFieldSymbol value) =>
        (value.Attribute("Google.Protobuf.Reflection.OriginalNameAttribute") ?? value.Attribute("System.Text.Json.Serialization.JsonStringEnumMemberNameAttribute"))
            ?.ConstructorArguments.FirstOrDefault().Value as string ?? value.Name;

    private IEnumerable<string> Collection(ITypeSymbol type, string jsonType, string keyword, ITypeSymbol element, bool protobuf)
    {
        // A class may be a list of itself.
        if (_open.Contains(type, SymbolEqualityComparer.Default))
        {
            return [jsonType];
        }

        _open.Add(type);
        var schema = Schema(element, null, protobuf);
        _open.RemoveAt(_open.Count - 1);
        return [jsonType, $"\"{keyword}\":" + schema];
    }

    private IEnumerable<string> Object(ITypeSymbol type, bool nullable, bool protobuf)
    {
        var parts = new List<string> { Text("title", Title(type)), Type("object", nullable) };
        if (_depth >= MaxDepth || _written >= MaxTypes || _open.Contains(type, SymbolEqualityComparer.Default))
        {
            return parts;
        }

        _written++;
        _depth++;
        _open.Add(type);
        var members = protobuf ? JsonMembers.OfProtobuf(type) : JsonMembers.Of(type, _profile);
        if (members.Count > 0)
        {
            parts.Add("\"properties\":{" + string.Join(",", members.Select(member => Quote(member.WireName) + ":" + Schema(member.Type, member.Converter, protobuf))) + "}");
        }

        var required = members.Where(member => member.Required).Select(member => Quote(member.WireName)).ToList();
        if (required.Count > 0)
        {
            parts.Add("\"required\":[" + string.Join(",", required) + "]");
        }

        _depth--;
        _open.RemoveAt(_open.Count - 1);
        return parts;
    }

    private static string Title(ITypeSymbol type) =>
        type.Unwrapped().WithNullableAnnotation(NullableAnnotation.None).ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat);

    private static string Type(string name, bool nullable) => nullable ? $"\"type\":[\"{name}\",\"null\"]" : $"\"type\":\"{name}\"";

    private static string Text(string name, string value) => Quote(name) + ":" + Quote(value);

    private static string Quote(string value)
    {
        var text = new StringBuilder(value.Length + 2).Append('"');
        foreach (var c in value)
        {
            if (c is '"' or '\\')
            {
                text.Append('\\').Append(c);
            }
            else if (c < ' ' || char.IsSurrogate(c) || c is '\u0085' or '\u2028' or '\u2029')
            {
                text.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
            }
            else
            {
                text.Append(c);
            }
        }

        return text.Append('"').ToString();
    }
}
