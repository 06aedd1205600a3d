using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Micro.Codecs;

/// <summary>Writes a JSON object as a form: WHATWG URL standard §5.2.</summary>
internal static class FormWriter
{
    public static void Write(JsonElement root, IBufferWriter<byte> writer)
    {
        var first = true;
        foreach (var property in root.EnumerateObject())
        {
            WriteValue(property.Value, Segment(property.Name, first: true), writer, ref first);
        }
    }

    // Returns whether anything was written: what was not cannot come back.
    private static bool WriteValue(JsonElement value, string name, IBufferWriter<byte> writer, ref bool first)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Null:
                return false;
            case JsonValueKind.Object:
                var any = false;
                foreach (var property in value.EnumerateObject())
                {
                    any |= WriteValue(property.Value, name + Segment(property.Name, first: false), writer, ref first);
                }

                return any;
            case JsonValueKind.Array:
                return WriteList(value, name, writer, ref first);
            default:
                WriteField(name, value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText(), writer, ref first);
                return true;
        }
    }

    private static bool WriteList(JsonElement list, string name, IBufferWriter<byte> writer, ref bool first)
    {
        var numbered = false;
        foreach (var element in list.EnumerateArray())
        {
            numbered |= element.ValueKind is JsonValueKind.Object or JsonValueKind.Array;
        }

        var index = 0;
        foreach (var element in list.EnumerateArray())
        {
            if (!WriteValue(element, numbered ? $"{name}[{index}]" : name, writer, ref first))
            {
                throw new CodecException($"A form cannot carry the empty element {index} of '{name}'.");
            }

            index++;
        }

        return index > 0;
    }

    private static string Segment(string name, bool first)
    {
        if (name.AsSpan().ContainsAny('[', ']') || (name.Length == 0 && !first))
        {
            throw new CodecException($"A form cannot carry a member named '{name}'.");
        }

        return name.Contains('.') ? $"[{name}]" : first ? name : "." + name;
    }

    private static void WriteField(string name, string value, IBufferWriter<byte> writer, ref bool first)
    {
        if (!first)
        {
            writer.Write("&"u8);
        }

        first = false;
        WriteEscaped(name, writer);
        writer.Write("="u8);
        WriteEscaped(value, writer);
    }

    private static void WriteEscaped(string text, IBufferWriter<byte> writer)
    {
        Span<byte> encoded = stackalloc byte[12];
        Span<byte> utf8 = stackalloc byte[4];
        foreach (var rune in text.EnumerateRunes())
        {
            var length = 0;
            foreach (var value in utf8[..rune.EncodeToUtf8(utf8)])
            {
                if (char.IsAsciiLetterOrDigit((char)value) || value is (byte)'*' or (byte)'-' or (byte)'.' or (byte)'_')
                {
                    encoded[length++] = value;
                }
                else if (value == ' ')
                {
                    encoded[length++] = (byte)'+';
                }
                else
                {
                    encoded[length++] = (byte)'%';
                    value.TryFormat(encoded[length..], out var written, "X2");
                    length += written;
                }
            }

            writer.Write(encoded[..length]);
        }
    }
}
