using Microsoft.CodeAnalysis;

namespace Micro.Generators.Reading;

/// <summary>The types that are one JSON value, as System.Text.Json writes them.</summary>
internal static class Scalars
{
    /// <summary>Says that a string carries bytes.</summary>
    public const string Base64 = "base64";

    private static readonly Dictionary<string, TypeShape> ByPath = new(StringComparer.Ordinal)
    {
        ["System.Guid"] = Text("uuid"),
        ["System.DateTimeOffset"] = Text("date-time"),
        ["System.DateOnly"] = Text("date"),
        ["System.TimeOnly"] = Text("time"),
        ["System.TimeSpan"] = Text("time-span"),
        ["System.Uri"] = Text("uri-reference"),
        ["System.Version"] = Text(null),
        ["System.Int128"] = new(TypeShapeKind.Scalar) { JsonType = "integer" },
        ["System.UInt128"] = new(TypeShapeKind.Scalar) { JsonType = "integer" },
        ["System.Half"] = new(TypeShapeKind.Scalar) { JsonType = "number" },
        ["Google.Protobuf.ByteString"] = Text(Base64),
        ["Google.Protobuf.WellKnownTypes.Timestamp"] = Text("date-time"),
        ["Google.Protobuf.WellKnownTypes.Duration"] = Text(null),
        ["Google.Protobuf.WellKnownTypes.FieldMask"] = Text(null),
    };

    private static readonly HashSet<string> Opaque = new(StringComparer.Ordinal)
    {
        "System.Text.Json.JsonElement",
        "System.Text.Json.JsonDocument",
        "System.Text.Json.Nodes.JsonNode",
        "System.Text.Json.Nodes.JsonObject",
        "System.Text.Json.Nodes.JsonArray",
        "System.Text.Json.Nodes.JsonValue",
        "Google.Protobuf.WellKnownTypes.Any",
        "Google.Protobuf.WellKnownTypes.Struct",
        "Google.Protobuf.WellKnownTypes.Value",
        "Google.Protobuf.WellKnownTypes.ListValue",
    };

    public static TypeShape? Of(INamedTypeSymbol type) => Special(type.SpecialType) ?? Known(type);

    private static TypeShape? Known(INamedTypeSymbol type)
    {
        var path = type.MetadataPath();
        if (ByPath.TryGetValue(path, out var shape))
        {
            return shape;
        }

        if (path is "System.Memory`1" or "System.ReadOnlyMemory`1")
        {
            return type.TypeArguments[0].SpecialType == SpecialType.System_Byte
                ? Text(Base64)
                : new TypeShape(TypeShapeKind.Array) { Element = type.TypeArguments[0] };
        }

        return Opaque.Contains(path) ? new TypeShape(TypeShapeKind.Opaque) : null;
    }

    private static TypeShape? Special(SpecialType type) => type switch
    {
        SpecialType.System_String => Text(null),
        SpecialType.System_Char => Text("char"),
        SpecialType.System_Boolean => new(TypeShapeKind.Scalar) { JsonType = "boolean" },
        SpecialType.System_SByte => Integer("int8"),
        SpecialType.System_Byte => Integer("uint8"),
        SpecialType.System_Int16 => Integer("int16"),
        SpecialType.System_UInt16 => Integer("uint16"),
        SpecialType.System_Int32 => Integer("int32"),
        SpecialType.System_UInt32 => Integer("uint32"),
        SpecialType.System_Int64 => Integer("int64"),
        SpecialType.System_UInt64 => Integer("uint64"),
        SpecialType.System_Single => Number("float"),
        SpecialType.System_Double => Number("double"),
        SpecialType.System_Decimal => Number("decimal"),
        SpecialType.System_DateTime => Text("date-time"),
        _ => null,
    };

    private static TypeShape Text(string? format) => new(TypeShapeKind.Scalar) { Format = format };

    private static TypeShape Integer(string format) => new(TypeShapeKind.Scalar) { JsonType = "integer", Format = format };

    private static TypeShape Number(string format) => new(TypeShapeKind.Scalar) { JsonType = "number", Format = format };
}
