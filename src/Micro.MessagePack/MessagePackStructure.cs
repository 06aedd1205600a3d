using System.Buffers.Binary;
using System.Globalization;
using System.Text.Unicode;
using Micro.Codecs;

namespace Micro.MessagePack;

/// <summary>
/// Walks a payload once before anything is made of it: one value and nothing after it, every length and count backed by bytes that are there, depth
/// at most 64, all text valid UTF-8 — in members that are skipped too. Allocates nothing.
/// Source: the MessagePack specification, github.com/msgpack/msgpack/blob/master/spec.md.
/// </summary>
internal static class MessagePackStructure
{
    /// <exception cref="CodecException">The message says what is wrong and at which byte.</exception>
    public static void Check(ReadOnlySpan<byte> payload)
    {
        // Values still to come at each level.
        Span<long> open = stackalloc long[MessagePackCodec.MaxDepth + 1];
        open[0] = 1;
        var level = 0;
        var at = 0;
        while (true)
        {
            while (open[level] == 0)
            {
                if (level == 0)
                {
                    if (at != payload.Length)
                    {
                        throw Error("bytes follow the value", at);
                    }

                    return;
                }

                level--;
            }

            open[level]--;
            var children = Take(payload, ref at);
            if (children < 0)
            {
                continue;
            }

            if (level == MessagePackCodec.MaxDepth)
            {
                throw Error($"nested deeper than {MessagePackCodec.MaxDepth}", at);
            }

            // Every value takes a byte at least, so a larger count is a lie.
            if (children > payload.Length - at)
            {
                throw Error("a count is larger than what follows", at);
            }

            open[++level] = children;
        }
    }

    // Moves past one token. Returns the number of values inside, or -1 for a token that holds none.
    private static long Take(ReadOnlySpan<byte> payload, ref int at)
    {
        var code = Number(payload, ref at, 1);
        switch (code)
        {
            case <= 0x7f or >= 0xe0 or 0xc0 or 0xc2 or 0xc3:
                return -1;
            case <= 0x8f:
                return 2 * (code & 0x0f);
            case <= 0x9f:
                return code & 0x0f;
            case <= 0xbf:
                return Text(payload, ref at, code & 0x1f);
            case 0xc4 or 0xc5 or 0xc6:
                return Skip(payload, ref at, Number(payload, ref at, 1 << (int)(code - 0xc4)));
            case 0xc7 or 0xc8 or 0xc9:
                return Skip(payload, ref at, Number(payload, ref at, 1 << (int)(code - 0xc7)) + 1);
            case 0xca or 0xcb:
                return Skip(payload, ref at, 4 << (int)(code - 0xca));
            case >= 0xcc and <= 0xcf:
                return Skip(payload, ref at, 1 << (int)(code - 0xcc));
            case >= 0xd0 and <= 0xd3:
                return Skip(payload, ref at, 1 << (int)(code - 0xd0));
            case >= 0xd4 and <= 0xd8:
                return Skip(payload, ref at, (1 << (int)(code - 0xd4)) + 1);
            case 0xd9 or 0xda or 0xdb:
                return Text(payload, ref at, Number(payload, ref at, 1 << (int)(code - 0xd9)));
            case 0xdc or 0xdd:
                return Number(payload, ref at, 2 << (int)(code - 0xdc));
            case 0xde or 0xdf:
                return 2 * Number(payload, ref at, 2 << (int)(code - 0xde));
            default:
                throw Error("the code 0xc1 is never used", at - 1);
        }
    }

    private static long Skip(ReadOnlySpan<byte> payload, ref int at, long length)
    {
        if (length > payload.Length - at)
        {
            throw Error("a length is larger than what follows", at);
        }

        at += (int)length;
        return -1;
    }

    private static long Text(ReadOnlySpan<byte> payload, ref int at, long length)
    {
        var start = at;
        Skip(payload, ref at, length);
        return Utf8.IsValid(payload[start..at]) ? -1 : throw Error("text is not valid UTF-8", start);
    }

    private static long Number(ReadOnlySpan<byte> payload, ref int at, int size)
    {
        if (size > payload.Length - at)
        {
            throw Error("the payload ends too early", payload.Length);
        }

        var bytes = payload.Slice(at, size);
        at += size;
        return size switch
        {
            1 => bytes[0],
            2 => BinaryPrimitives.ReadUInt16BigEndian(bytes),
            _ => BinaryPrimitives.ReadUInt32BigEndian(bytes),
        };
    }

    private static CodecException Error(string what, int at) =>
        new(string.Create(CultureInfo.InvariantCulture, $"Not MessagePack: {what} (byte {at + 1})."));
}
