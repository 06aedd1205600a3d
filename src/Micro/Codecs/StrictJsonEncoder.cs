using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace Micro.Codecs;

/// <summary>
/// Escapes only what JSON asks for and refuses text with a lone surrogate, which System.Text.Json would replace. Such text always counts as in need of
/// escaping, so only strings that need it are looked at again; all others stay on the vectorised path.
/// </summary>
/// <remarks>
/// Given to the writer, not to the serializer's options: there it would turn the generated fast path off.
/// </remarks>
internal sealed class StrictJsonEncoder : JavaScriptEncoder
{
    public static readonly StrictJsonEncoder Instance = new();

    // Our JSON is application/json and never pasted into HTML, the case the stricter default is for.
    private static readonly JavaScriptEncoder Inner = UnsafeRelaxedJsonEscaping;

    private StrictJsonEncoder()
    {
    }

    public override int MaxOutputCharactersPerInputCharacter => Inner.MaxOutputCharactersPerInputCharacter;

    public override unsafe int FindFirstCharacterToEncode(char* text, int textLength) => Inner.FindFirstCharacterToEncode(text, textLength);

    public override int FindFirstCharacterToEncodeUtf8(ReadOnlySpan<byte> utf8Text) => Inner.FindFirstCharacterToEncodeUtf8(utf8Text);

    public override unsafe bool TryEncodeUnicodeScalar(int unicodeScalar, char* buffer, int bufferLength, out int numberOfCharactersWritten) =>
        Inner.TryEncodeUnicodeScalar(unicodeScalar, buffer, bufferLength, out numberOfCharactersWritten);

    public override bool WillEncode(int unicodeScalar) => Inner.WillEncode(unicodeScalar);

    public override OperationStatus Encode(
        ReadOnlySpan<char> source, Span<char> destination, out int charsConsumed, out int charsWritten, bool isFinalBlock = true)
    {
        if (HasLoneSurrogate(source, isFinalBlock))
        {
            throw new CodecException("Text with a lone surrogate cannot be encoded as JSON.");
        }

        return Inner.Encode(source, destination, out charsConsumed, out charsWritten, isFinalBlock);
    }

    public override OperationStatus EncodeUtf8(
        ReadOnlySpan<byte> utf8Source, Span<byte> utf8Destination, out int bytesConsumed, out int bytesWritten, bool isFinalBlock = true)
    {
        if (isFinalBlock && !Utf8.IsValid(utf8Source))
        {
            throw new CodecException("Text that is not valid UTF-8 cannot be encoded as JSON.");
        }

        return Inner.EncodeUtf8(utf8Source, utf8Destination, out bytesConsumed, out bytesWritten, isFinalBlock);
    }

    private static bool HasLoneSurrogate(ReadOnlySpan<char> text, bool isFinalBlock)
    {
        while (true)
        {
            var at = text.IndexOfAnyInRange('\uD800', '\uDFFF');
            if (at < 0)
            {
                return false;
            }

            if (char.IsLowSurrogate(text[at]))
            {
                return true;
            }

            if (at + 1 == text.Length)
            {
                // The other half may still come.
                return isFinalBlock;
            }

            if (!char.IsLowSurrogate(text[at + 1]))
            {
                return true;
            }

            text = text[(at + 2)..];
        }
    }
}
