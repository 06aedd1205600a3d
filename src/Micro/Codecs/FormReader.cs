using System.Buffers;
using System.Globalization;
using System.Text;

namespace Micro.Codecs;

/// <summary>Parses a form: WHATWG URL standard §5.1, but for bytes that are not UTF-8, which are refused instead of replaced.</summary>
internal static class FormReader
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="CodecException">The bytes are not UTF-8, a name cannot be read, or a limit of <see cref="FormCodec"/> is passed.</exception>
    public static FormNode Read(ReadOnlySpan<byte> form)
    {
        var root = new FormNode(null, "");
        var fields = 0;
        var names = 0;
        foreach (var range in form.Split((byte)'&'))
        {
            var field = form[range];
            if (field.IsEmpty)
            {
                continue;
            }

            if (++fields > FormCodec.MaxFields)
            {
                throw new CodecException($"The form has more than {FormCodec.MaxFields} fields.");
            }

            var equals = field.IndexOf((byte)'=');
            var name = equals < 0 ? field : field[..equals];
            if (name.Length > FormCodec.MaxNameLength)
            {
                throw new CodecException($"A field's name is longer than {FormCodec.MaxNameLength} bytes.");
            }

            Place(root, Unescape(name), ref names).Add(equals < 0 ? "" : Unescape(field[(equals + 1)..]));
        }

        return root;
    }

    private static FormNode Place(FormNode root, string name, ref int names)
    {
        var node = root;
        var depth = 0;
        var rest = name.AsSpan();
        do
        {
            var segment = Next(ref rest, first: depth == 0, name);
            if (segment.IsEmpty && depth > 0)
            {
                // name[]: another value of the list "name".
                return node;
            }

            if (++depth > FormCodec.MaxDepth)
            {
                throw new CodecException($"A field of the form is nested deeper than {FormCodec.MaxDepth}.");
            }

            var key = segment.ToString();
            if (node.Find(key) is { } known)
            {
                node = known;
                continue;
            }

            if (++names > FormCodec.MaxNames)
            {
                throw new CodecException($"The form has more than {FormCodec.MaxNames} names.");
            }

            node = node.Add(new FormNode(node, key));
        }
        while (!rest.IsEmpty);

        return node;
    }

    // Takes "a", ".b", "[c]" or, only as the last one, "[]" off the front.
    private static ReadOnlySpan<char> Next(ref ReadOnlySpan<char> rest, bool first, string name)
    {
        if (rest is ['[', ..])
        {
            var close = rest.IndexOf(']');
            if (close < 0 || (close == 1 && (rest.Length > 2 || first)))
            {
                throw Malformed(name);
            }

            var bracketed = rest[1..close];
            rest = rest[(close + 1)..];
            return rest is [] or ['.' or '[', ..] ? bracketed : throw Malformed(name);
        }

        var segment = first ? rest : rest[1..];
        var end = segment.IndexOfAny('.', '[');
        rest = end < 0 ? [] : segment[end..];
        segment = end < 0 ? segment : segment[..end];
        return segment.IsEmpty && name.Length > 0 ? throw Malformed(name) : segment;
    }

    private static string Unescape(ReadOnlySpan<byte> text)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(text.Length);
        var length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var value = text[i];
            if (value == '+')
            {
                value = (byte)' ';
            }
            else if (value == '%' && i + 2 < text.Length
                && byte.TryParse(text.Slice(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var escaped))
            {
                value = escaped;
                i += 2;
            }

            bytes[length++] = value;
        }

        try
        {
            return Strict.GetString(bytes, 0, length);
        }
        catch (DecoderFallbackException error)
        {
            throw new CodecException("The form is not valid UTF-8.", error);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private static CodecException Malformed(string name) => new($"The name of a field cannot be read: '{new FormNode(null, name)}'.");
}
