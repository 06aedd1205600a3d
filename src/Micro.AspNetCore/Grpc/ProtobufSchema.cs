using System.Text;
using System.Text.Json;
using Google.Protobuf.Reflection;

namespace Micro.AspNetCore.Grpc;

/// <summary>
/// The JSON Schema of a message, from its descriptor, in the keywords the contracts' generator writes. Without <c>$ref</c>: a message within itself, deeper than
/// <see cref="MaxDepth"/> or past <see cref="MaxMessages"/> messages is cut off to its title. Source: protobuf.dev, "ProtoJSON format".
/// </summary>
internal sealed class ProtobufSchema
{
    private const int MaxDepth = 8;
    private const int MaxMessages = 256;

    private readonly Utf8JsonWriter _json;
    private readonly List<MessageDescriptor> _open = [];
    private int _written;

    private ProtobufSchema(Utf8JsonWriter json) => _json = json;

    public static string Write(MessageDescriptor message)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            new ProtobufSchema(json).WriteMessage(message);
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private void WriteMessage(MessageDescriptor message)
    {
        _json.WriteStartObject();
        _json.WriteString("title", message.Name);
        switch (message.File.Package == "google.protobuf" ? message.Name : "")
        {
            case "Timestamp":
                WriteType("string", "date-time");
                break;
            case "Duration" or "FieldMask":
                WriteType("string");
                break;
            case "Any" or "Struct" or "Value" or "ListValue":
                break;
            case "BoolValue" or "BytesValue" or "DoubleValue" or "FloatValue" or "Int32Value" or "Int64Value" or "StringValue" or "UInt32Value" or "UInt64Value":
                WriteScalar(message.FindFieldByNumber(1));
                break;
            default:
                WriteObject(message);
                break;
        }

        _json.WriteEndObject();
    }

    private void WriteObject(MessageDescriptor message)
    {
        if (_open.Count >= MaxDepth || _written >= MaxMessages || _open.Contains(message))
        {
            // Nullable, which is how a reader tells what was cut off from what is empty.
            _json.WriteStartArray("type");
            _json.WriteStringValue("object");
            _json.WriteStringValue("null");
            _json.WriteEndArray();
            return;
        }

        _written++;
        _open.Add(message);
        WriteType("object");
        var fields = message.Fields.InDeclarationOrder();
        if (fields.Count > 0)
        {
            _json.WriteStartObject("properties");
            foreach (var field in fields)
            {
                _json.WritePropertyName(field.JsonName);
                WriteField(field);
            }

            _json.WriteEndObject();
        }

        var required = fields.Where(field => field.IsRequired).ToArray();
        if (required.Length > 0)
        {
            _json.WriteStartArray("required");
            foreach (var field in required)
            {
                _json.WriteStringValue(field.JsonName);
            }

            _json.WriteEndArray();
        }

        _open.RemoveAt(_open.Count - 1);
    }

    private void WriteField(FieldDescriptor field)
    {
        if (field.IsMap)
        {
            WriteCollection("object", "additionalProperties", field.MessageType.FindFieldByNumber(2));
        }
        else if (field.IsRepeated)
        {
            WriteCollection("array", "items", field);
        }
        else
        {
            WriteValue(field);
        }
    }

    private void WriteCollection(string type, string keyword, FieldDescriptor element)
    {
        _json.WriteStartObject();
        WriteType(type);
        _json.WritePropertyName(keyword);
        WriteValue(element);
        _json.WriteEndObject();
    }

    private void WriteValue(FieldDescriptor field)
    {
        if (field.FieldType is FieldType.Message or FieldType.Group)
        {
            WriteMessage(field.MessageType);
            return;
        }

        _json.WriteStartObject();
        WriteScalar(field);
        _json.WriteEndObject();
    }

    private void WriteScalar(FieldDescriptor field)
    {
        switch (field.FieldType)
        {
            case FieldType.Bool:
                WriteType("boolean");
                break;
            case FieldType.Bytes:
                WriteType("string");
                _json.WriteString("contentEncoding", "base64");
                break;
            case FieldType.Double or FieldType.Float:
                WriteType("number");
                break;
            case FieldType.Enum:
                WriteEnum(field.EnumType);
                break;
            case FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64:
                // Numbers of 64 bits are text in JSON, which has no room for them.
                WriteType("string", "int64");
                break;
            case FieldType.UInt64 or FieldType.Fixed64:
                WriteType("string", "uint64");
                break;
            case FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32:
                WriteType("integer", "int32");
                break;
            case FieldType.UInt32 or FieldType.Fixed32:
                WriteType("integer", "uint32");
                break;
            default:
                WriteType("string");
                break;
        }
    }

    private void WriteEnum(EnumDescriptor type)
    {
        if (type.FullName == "google.protobuf.NullValue")
        {
            WriteType("null");
            return;
        }

        _json.WriteString("title", type.Name);
        WriteType("string");
        _json.WriteStartArray("enum");
        foreach (var value in type.Values)
        {
            _json.WriteStringValue(value.Name);
        }

        _json.WriteEndArray();
    }

    private void WriteType(string type, string? format = null)
    {
        _json.WriteString("type", type);
        if (format is not null)
        {
            _json.WriteString("format", format);
        }
    }
}
