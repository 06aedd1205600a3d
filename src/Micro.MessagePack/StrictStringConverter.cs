using Micro.Codecs;
using Nerdbank.MessagePack;

namespace Micro.MessagePack;

/// <summary>Text that refuses a lone surrogate, which the library would replace. What is read was checked by <see cref="MessagePackStructure"/>.</summary>
internal sealed class StrictStringConverter : MessagePackConverter<string>
{
    public override string? Read(ref MessagePackReader reader, SerializationContext context) => reader.ReadString();

    public override void Write(ref MessagePackWriter writer, in string? value, SerializationContext context)
    {
        if (value is not null && HasLoneSurrogate(value))
        {
            throw new CodecException("Text with a lone surrogate cannot be encoded as MessagePack.");
        }

        writer.Write(value);
    }

    private static bool HasLoneSurrogate(ReadOnlySpan<char> text)
    {
        int at;
        while ((at = text.IndexOfAnyInRange('\uD800', '\uDFFF')) >= 0)
        {
            if (at + 1 >= text.Length || !char.IsSurrogatePair(text[at], text[at + 1]))
            {
                return true;
            }

            text = text[(at + 2)..];
        }

        return false;
    }
}
