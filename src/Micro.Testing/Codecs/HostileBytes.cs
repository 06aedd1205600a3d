using System.Buffers;
using CsCheck;

namespace Micro.Testing.Codecs;

/// <summary>Bytes and texts of an enemy who knows the formats.</summary>
internal static class HostileBytes
{
    // Pieces that mean something to some format: brackets, escapes, huge lengths and counts, invalid UTF-8, names of types.
    private static readonly byte[][] Pieces =
    [
        "{"u8.ToArray(), "}"u8.ToArray(), "[[[[[[[["u8.ToArray(), "\""u8.ToArray(), "\\"u8.ToArray(), "\\ud800"u8.ToArray(), "1e999"u8.ToArray(), "-"u8.ToArray(),
        "null"u8.ToArray(), "true"u8.ToArray(), "99999999999999999999"u8.ToArray(), "\"$type\":"u8.ToArray(), "\"$ref\":\"1\""u8.ToArray(), ","u8.ToArray(), ":"u8.ToArray(),
        "&"u8.ToArray(), "="u8.ToArray(), "%FF"u8.ToArray(), "%"u8.ToArray(), "[]"u8.ToArray(), "[999999999]"u8.ToArray(), "."u8.ToArray(),
        [0xff, 0xff, 0xff, 0xff, 0x07], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], [0x0a, 0x7f], [0x0b], [0x0c], [0x0a, 0x00],
        [0xdd, 0x7f, 0xff, 0xff, 0xff], [0xdf, 0x7f, 0xff, 0xff, 0xff], [0xdb, 0xff, 0xff, 0xff, 0xff], [0xc6, 0xff, 0xff, 0xff, 0xff], [0xc9, 0xff, 0xff, 0xff, 0xff, 0xff],
        [0xdc, 0xff, 0xff], [0xc1], [0xc0], [0x80], [0x91, 0x91, 0x91, 0x91], [0xd6, 0xff, 0, 0, 0, 0],
        [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf8, 0x88, 0x80, 0x80, 0x80], [0xef, 0xbf, 0xbd], [0xef, 0xbb, 0xbf], [0x00], [0xff],
    ];

    /// <summary>Texts that are valid and easily got wrong.</summary>
    public static IReadOnlyList<string> Texts { get; } =
    [
        "", " ", "\0", "\u007f", "\ufeff", "\ufffd", "\uffff", "\u2028\u2029", "a\tb\r\nc", "\"\\/<>&'+=%[].", "ä ö ü ß", "日本語", "العربية", "e\u0301", "👩‍👩‍👧‍👦", "\U0010ffff",
        "\ufffd\U0001f600", "{\"a\":1}", "a.b[c]=d&e", new('x', 5000), new('é', 5000), string.Concat(Enumerable.Repeat("\U0001f600", 3000)),
    ];

    /// <summary>Texts that are none: they hold half a surrogate pair, at each place where an implementation may look or not.</summary>
    public static IReadOnlyList<string> BrokenTexts { get; } =
    [
        "\ud800", "\udc00", "a\ud800", "\udc00a", "\udc00\ud800", "\ud800\ud800\udc00", "\U0001f600\ud83d", "\ufffd\ud800", "\"\ud800\"",
        new string('x', 1000) + "\ud800", new string('é', 1000) + "\udfff" + new string('é', 1000), "\ud800" + new string('x', 70_000),
    ];

    public static Gen<TItem> OneOf<TItem>(IReadOnlyList<TItem> items) => Gen.Int[0, items.Count - 1].Select(index => items[index]);

    public static bool HasLoneSurrogate(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
            {
                continue;
            }

            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
            {
                return true;
            }

            i++;
        }

        return false;
    }

    /// <summary>One to four changes to one of the originals; the same for the same seed.</summary>
    public static byte[] Mutate(IReadOnlyList<byte[]> originals, int seed)
    {
        var random = new Random(seed);
        var bytes = originals[random.Next(originals.Count)].ToList();
        for (var changes = random.Next(1, 5); changes > 0; changes--)
        {
            Change(bytes, originals, random);
        }

        return [.. bytes];
    }

    /// <summary>The bytes as a sequence of three segments around a cut, the middle one empty.</summary>
    public static ReadOnlySequence<byte> InPieces(byte[] bytes, int cut)
    {
        var first = new Segment(bytes.AsMemory(0, cut));
        var last = first.Append(ReadOnlyMemory<byte>.Empty).Append(bytes.AsMemory(cut));
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private static void Change(List<byte> bytes, IReadOnlyList<byte[]> originals, Random random)
    {
        var at = random.Next(bytes.Count + 1);
        var length = Math.Min(random.Next(1, 9), bytes.Count - at);
        switch (random.Next(7))
        {
            case 0 when at < bytes.Count:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when at < bytes.Count:
                bytes[at] = (byte)random.Next(256);
                break;
            case 2:
                bytes.RemoveRange(at, length);
                break;
            case 3:
                bytes.InsertRange(at, bytes.GetRange(at, length));
                break;
            case 4:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 5:
                var other = originals[random.Next(originals.Count)];
                bytes.InsertRange(at, other.AsSpan(random.Next(other.Length + 1)).ToArray());
                break;
            default:
                bytes.RemoveRange(at, random.Next(2) * length);
                bytes.InsertRange(at, Pieces[random.Next(Pieces.Length)]);
                break;
        }
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory) => Memory = memory;

        public Segment Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Segment(memory) { RunningIndex = RunningIndex + Memory.Length };
            Next = next;
            return next;
        }
    }
}
