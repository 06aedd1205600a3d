using System.Text.Json;

namespace Micro.Cli.Schemas;

/// <summary>
/// Reads the JSON Schemas of a description: the keywords the contracts' generator writes (type, properties, required, items, additionalProperties, enum,
/// format, contentEncoding, maxLength, title). What else a schema says is passed over, so that the schema of a newer service can still be shown.
/// </summary>
internal readonly struct JsonSchema(JsonElement element)
{
    public bool IsNullable => Types().Contains("null") || (Member("enum", JsonValueKind.Array) is { } values && values.EnumerateArray().Any(value => value.ValueKind == JsonValueKind.Null));

    /// <summary>The type beside null; null when the schema does not say.</summary>
    public string? Type => Types().FirstOrDefault(type => type != "null");

    public string? Title => Text("title");

    public string? Description => Text("description");

    /// <summary>What a string or number stands for, e.g. <c>uuid</c>; <c>base64</c> for bytes.</summary>
    public string? Format => Text("contentEncoding") ?? Text("format");

    public int? MaxLength => Member("maxLength", JsonValueKind.Number) is { } length && length.TryGetInt32(out var value) ? value : null;

    /// <summary>The allowed values but null; empty when any is.</summary>
    public IReadOnlyList<JsonElement> Values =>
        Member("enum", JsonValueKind.Array) is { } values ? [.. values.EnumerateArray().Where(value => value.ValueKind != JsonValueKind.Null)] : [];

    /// <summary>Schema of an array's items, or null.</summary>
    public JsonSchema? Items => Member("items", JsonValueKind.Object) is { } items ? new(items) : null;

    /// <summary>Schema of a map's values, or null.</summary>
    public JsonSchema? MapValues => Member("additionalProperties", JsonValueKind.Object) is { } values ? new(values) : null;

    /// <summary>The members of an object, in their order.</summary>
    public IReadOnlyList<(string Name, JsonSchema Schema, bool Required)> Properties
    {
        get
        {
            if (Member("properties", JsonValueKind.Object) is not { } properties)
            {
                return [];
            }

            var required = Member("required", JsonValueKind.Array) is { } names
                ? names.EnumerateArray().Where(name => name.ValueKind == JsonValueKind.String).Select(name => name.GetString()!).ToHashSet(StringComparer.Ordinal)
                : [];
            return [.. properties.EnumerateObject().Select(property => (property.Name, new JsonSchema(property.Value), required.Contains(property.Name)))];
        }
    }

    private IEnumerable<string> Types()
    {
        if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty("type", out var type))
        {
            return [];
        }

        return type.ValueKind switch
        {
            JsonValueKind.String => [type.GetString()!],
            JsonValueKind.Array => type.EnumerateArray().Where(one => one.ValueKind == JsonValueKind.String).Select(one => one.GetString()!),
            _ => [],
        };
    }

    private string? Text(string name) => Member(name, JsonValueKind.String)?.GetString();

    private JsonElement? Member(string name, JsonValueKind kind) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == kind ? value : null;
}
