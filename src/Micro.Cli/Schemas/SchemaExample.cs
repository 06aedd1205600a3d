using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Micro.Cli.Schemas;

/// <summary>Makes a message that fits a schema, to begin with: every member is there, none has a meaning.</summary>
internal static class SchemaExample
{
    private static readonly JsonWriterOptions Format = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Returns compact JSON.</summary>
    public static string Write(JsonElement schema)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Format))
        {
            Write(json, new JsonSchema(schema), "text");
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter json, JsonSchema schema, string name)
    {
        if (schema.Values is { Count: > 0 } values)
        {
            values[0].WriteTo(json);
            return;
        }

        switch (schema.Type)
        {
            case "object":
                WriteObject(json, schema);
                break;
            case "array":
                WriteArray(json, schema, name);
                break;
            case "string":
                json.WriteStringValue(Text(schema, name));
                break;
            case "integer" or "number":
                json.WriteNumberValue(1);
                break;
            case "boolean":
                json.WriteBooleanValue(true);
                break;
            default:
                json.WriteNullValue();
                break;
        }
    }

    private static void WriteObject(Utf8JsonWriter json, JsonSchema schema)
    {
        var properties = schema.Properties;
        if (properties.Count == 0 && schema is { IsNullable: true, MapValues: null })
        {
            // A type within itself: its schema is cut off there, and so is the example.
            json.WriteNullValue();
            return;
        }

        json.WriteStartObject();
        foreach (var property in properties)
        {
            json.WritePropertyName(property.Name);
            Write(json, property.Schema, property.Name);
        }

        if (properties.Count == 0 && schema.MapValues is { } values)
        {
            json.WritePropertyName("key");
            Write(json, values, "value");
        }

        json.WriteEndObject();
    }

    private static void WriteArray(Utf8JsonWriter json, JsonSchema schema, string name)
    {
        json.WriteStartArray();
        if (schema.Items is { } items && !IsCutOff(items))
        {
            Write(json, items, name);
        }

        json.WriteEndArray();
    }

    private static bool IsCutOff(JsonSchema schema) => schema.Type switch
    {
        "object" => schema.Properties.Count == 0 && schema.MapValues is null,
        null => schema.Values.Count == 0,
        _ => false,
    };

    private static string Text(JsonSchema schema, string name)
    {
        var text = schema.Format switch
        {
            null => name,
            "uuid" => "00000000-0000-0000-0000-000000000001",
            "date-time" => "2030-01-01T00:00:00Z",
            "date" => "2030-01-01",
            "time" => "12:00:00",
            "time-span" => "00:00:01",
            "uri" or "uri-reference" => "http://localhost/",
            "base64" => "AQID",
            "int64" or "uint64" => "1",
            _ => name,
        };
        return schema.MaxLength is { } most && most < text.Length ? text[..Math.Max(most, 0)] : text;
    }
}
