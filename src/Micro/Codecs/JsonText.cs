using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Micro.Codecs;

/// <summary>
/// What System.Text.Json checks only for the strings it hands out, checked for the whole payload: valid UTF-8, and no escape of half a character.
/// So that a name or a value that is skipped here is not refused, or read differently, by the next one who reads it.
/// </summary>
internal static class JsonText
{
    private const int EscapeLength = 6;

    /// <exception cref="CodecException">The text breaks a rule; the message says at which byte.</exception>
    public static void Check(ReadOnlySpan<byte> utf8)
    {
        if (!Utf8.IsValid(utf8))
        {
            throw new CodecException(string.Create(CultureInfo.InvariantCulture, $"The JSON is not valid UTF-8 (byte {FirstInvalid(utf8) + 1})."));
        }

        var at = utf8.IndexOf((byte)'\\');
        if (at >= 0)
        {
            CheckEscapes(utf8, at);
        }
    }

    private static void CheckEscapes(ReadOnlySpan<byte> utf8, int at)
    {
        while (true)
        {
            var length = 2;
            if (TryReadUnit(utf8[at..], out var unit) && char.IsSurrogate(unit))
            {
                if (!char.IsHighSurrogate(unit) || !TryReadUnit(utf8[(at + EscapeLength)..], out var low) || !char.IsLowSurrogate(low))
                {
                    throw new CodecException(string.Create(CultureInfo.InvariantCulture, $"The JSON escapes half a surrogate pair (byte {at + 1})."));
                }

                length = 2 * EscapeLength;
            }

            if (at + length >= utf8.Length)
            {
                return;
            }

            var next = utf8[(at + length)..].IndexOf((byte)'\\');
            if (next < 0)
            {
                return;
            }

            at += length + next;
        }
    }

    // False for anything but a complete \uXXXX; what else is wrong with an escape is for the reader to say.
    private static bool TryReadUnit(ReadOnlySpan<byte> text, out char unit)
    {
        unit = default;
        if (text.Length < EscapeLength || text[0] != '\\' || text[1] != 'u'
            || !Utf8Parser.TryParse(text.Slice(2, 4), out ushort value, out var consumed, 'X') || consumed != 4)
        {
            return false;
        }

        unit = (char)value;
        return true;
    }

    private static int FirstInvalid(ReadOnlySpan<byte> utf8)
    {
        var at = 0;
        while (Rune.DecodeFromUtf8(utf8[at..], out _, out var consumed) == OperationStatus.Done)
        {
            at += consumed;
        }

        return at;
    }
}
