using System.Text.Encodings.Web;
using System.Text.Json;
using Micro.Cli.Terminal;

namespace Micro.Cli.Schemas;

/// <summary>
/// Writes a schema as a type that people read at a glance: <c>{ name: string, count?: integer, tags: string[] }</c>. A question mark says that the member may be
/// left out.
/// </summary>
internal static class TypeText
{
    private const int Indent = 2;

    /// <summary>In one line if it fits, else an object takes a line for each member.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="width">Columns there are.</param>
    /// <param name="column">Column the lines after the first begin at.</param>
    public static string Write(JsonElement schema, int width = int.MaxValue, int column = 0) => Write(new JsonSchema(schema), width, column);

    private static string Write(JsonSchema schema, int width, int column)
    {
        var flat = Flat(schema);
        if (column + flat.Length <= width)
        {
            return flat;
        }

        if (schema is { Type: "array", Items: { Type: "object", IsNullable: false } items })
        {
            return Write(items, width, column) + "[]" + OrNull(schema);
        }

        var properties = schema.Properties;
        if (schema.Type is not "object" || properties.Count == 0)
        {
            return flat;
        }

        var inner = column + Indent;
        var lines = properties.Select(property => $"{new string(' ', inner)}{Member(property.Name, property.Required)}{Write(property.Schema, width, inner)}");
        return $"{{\n{string.Join(",\n", lines)}\n{new string(' ', column)}}}{OrNull(schema)}";
    }

    private static string Flat(JsonSchema schema) => NotNull(schema) + OrNull(schema);

    private static string NotNull(JsonSchema schema)
    {
        if (schema.Values is { Count: > 0 } values)
        {
            // Numbers say little; the generator writes what they are called into the description.
            return schema is { Type: "integer", Description: { Length: > 0 } names }
                ? $"integer ({PlainText.Of(names)})"
                : string.Join(" | ", values.Select(Value));
        }

        return schema.Type switch
        {
            "object" => Object(schema),
            "array" => schema.Items is { } items ? Element(items) + "[]" : "any[]",
            "string" => schema.Format is { } format ? PlainText.Of(format) : "string",
            { } other => PlainText.Of(other),
            null => schema.Title is { Length: > 0 } title ? PlainText.Of(title) : "any",
        };
    }

    private static string Object(JsonSchema schema)
    {
        var properties = schema.Properties;
        if (properties.Count > 0)
        {
            return $"{{ {string.Join(", ", properties.Select(property => Member(property.Name, property.Required) + Flat(property.Schema)))} }}";
        }

        return schema.MapValues is { } values ? $"{{ [key]: {Flat(values)} }}" : "{}";
    }

    /// <summary>An array's items, in brackets where the text has a bar in it.</summary>
    private static string Element(JsonSchema items) => items.IsNullable || items.Values.Count > 1 ? $"({Flat(items)})" : Flat(items);

    private static string Member(string name, bool required) => $"{Name(name)}{(required ? "" : "?")}: ";

    private static string Name(string name) =>
        name.Length > 0 && name.All(c => char.IsLetterOrDigit(c) || c is '_' or '$' or '-') ? name : Quote(name);

    private static string Value(JsonElement value) => value.ValueKind == JsonValueKind.String ? Quote(value.GetString()!) : value.GetRawText();

    private static string Quote(string text) => $"\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text)}\"";

    private static string OrNull(JsonSchema schema) => schema.IsNullable ? " | null" : "";
}
