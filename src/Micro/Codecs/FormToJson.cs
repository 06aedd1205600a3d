using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Micro.Codecs;

/// <summary>Writes a form as the JSON of a type: the type's metadata says what a text stands for.</summary>
internal static class FormToJson
{
    /// <exception cref="CodecException">The shape of the form is not the type's. Whether values fit is for the JSON codec to say.</exception>
    public static void Write(Utf8JsonWriter writer, FormNode node, JsonTypeInfo? type)
    {
        switch (type?.Kind)
        {
            case JsonTypeInfoKind.Object:
                WriteObject(writer, node, type);
                break;
            case JsonTypeInfoKind.Dictionary:
                WriteDictionary(writer, node, type);
                break;
            case JsonTypeInfoKind.Enumerable:
                WriteList(writer, node, type);
                break;
            default:
                WriteScalar(writer, node, type?.Type ?? typeof(string));
                break;
        }
    }

    private static void WriteObject(Utf8JsonWriter writer, FormNode node, JsonTypeInfo type)
    {
        RefuseValues(node, "an object");
        writer.WriteStartObject();
        foreach (var member in node.Members)
        {
            if (Find(type, member.Key) is { } property)
            {
                writer.WritePropertyName(property.Name);
                Write(writer, member, TypeOf(type.Options, property.PropertyType));
            }
            else
            {
                // Unknown: whether that is an error is decided by the type's JSON, which gets to see the name.
                writer.WriteNull(member.Key);
            }
        }

        writer.WriteEndObject();
    }

    private static void WriteDictionary(Utf8JsonWriter writer, FormNode node, JsonTypeInfo type)
    {
        RefuseValues(node, "an object");
        var element = TypeOf(type.Options, type.ElementType);
        writer.WriteStartObject();
        foreach (var member in node.Members)
        {
            writer.WritePropertyName(member.Key);
            Write(writer, member, element);
        }

        writer.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter writer, FormNode node, JsonTypeInfo type)
    {
        if (node.Values.Count > 0 && node.Members.Count > 0)
        {
            throw new CodecException($"The field '{node}' mixes a list of values with numbered elements.");
        }

        var element = TypeOf(type.Options, type.ElementType);
        writer.WriteStartArray();
        foreach (var value in node.Values)
        {
            var item = new FormNode(null, node.Key);
            item.Add(value);
            Write(writer, item, element);
        }

        // Elements are looked up by number, so that a huge number is a missing element and not a huge list.
        for (var i = 0; i < node.Members.Count; i++)
        {
            var item = node.Find(i.ToString(CultureInfo.InvariantCulture))
                ?? throw new CodecException($"The elements of '{node}' must be numbered from 0 without a gap.");
            Write(writer, item, element);
        }

        writer.WriteEndArray();
    }

    private static void WriteScalar(Utf8JsonWriter writer, FormNode node, Type type)
    {
        if (node.Members.Count > 0 || node.Values.Count != 1)
        {
            throw new CodecException($"The field '{node}' must have exactly one value.");
        }

        var text = node.Values[0];
        var underlying = Nullable.GetUnderlyingType(type);
        if (text.Length == 0 && underlying is not null)
        {
            writer.WriteNullValue();
        }
        else if (IsLiteral(text, underlying ?? type))
        {
            writer.WriteRawValue(text);
        }
        else
        {
            writer.WriteStringValue(text);
        }
    }

    private static bool IsLiteral(string text, Type type)
    {
        if (type == typeof(bool))
        {
            return text is "true" or "false";
        }

        var number = type.IsEnum || Type.GetTypeCode(type) is >= TypeCode.SByte and <= TypeCode.Decimal
            || type == typeof(Int128) || type == typeof(UInt128) || type == typeof(Half);
        return number && IsNumber(text);
    }

    private static bool IsNumber(string text)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text));
        try
        {
            // One token, and nothing around it that JSON would skip.
            return reader.Read() && reader.TokenType == JsonTokenType.Number && reader.ValueSpan.Length == text.Length && !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static void RefuseValues(FormNode node, string expected)
    {
        if (node.Values.Count > 0)
        {
            throw new CodecException($"The field '{node}' is a value where {expected} is expected.");
        }
    }

    private static JsonPropertyInfo? Find(JsonTypeInfo type, string name)
    {
        var comparison = type.Options.PropertyNameCaseInsensitive ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        foreach (var property in type.Properties)
        {
            if (!property.IsExtensionData && string.Equals(property.Name, name, comparison))
            {
                return property;
            }
        }

        return null;
    }

    private static JsonTypeInfo? TypeOf(JsonSerializerOptions options, Type? type) =>
        type is not null && options.TryGetTypeInfo(type, out var info) ? info : null;
}
