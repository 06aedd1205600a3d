using System.Text;
using CsCheck;
using Google.Protobuf;
using Micro.Codecs;
using Micro.Grpc.Codecs;
using Micro.Testing.Codecs;

namespace Micro.Grpc.Tests.Codecs;

public sealed class ProtobufCodecTests : StructuredCodecConformance<Everything>
{
    private static readonly byte[][] HugeLengths =
    [
        [0xff, 0xff, 0xff, 0xff, 0x07], [0xff, 0xff, 0xff, 0xff, 0x0f], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], [0x80, 0x80, 0x80, 0x01], [0x7f], [0x01],
    ];

    private static readonly byte[][] BadText = [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf8, 0x88, 0x80, 0x80, 0x80], [0xe2, 0x82]];

    protected override int Depth => 95;

    protected override ICodec CreateCodec() => new ProtobufCodec();

    protected override Gen<Everything> Messages => Samples.Any;

    protected override IReadOnlyList<Everything> Edges => Samples.Edges;

    // The generated equality does not look at presence; the size does.
    protected override bool AreEqual(Everything expected, Everything actual) => expected.Equals(actual) && expected.CalculateSize() == actual.CalculateSize();

    protected override Everything WithText(string text) => new() { Text = text };

    protected override string? TextOf(Everything message) => message.Text;

    // Written from the inside out, which is from the end of the array to its start.
    protected override byte[] Nested(int levels)
    {
        var bytes = new byte[levels * 8];
        var start = bytes.Length;
        Span<byte> head = stackalloc byte[10];
        for (var level = 1; level < levels; level++)
        {
            var length = bytes.Length - start;
            head[0] = 0xa2;
            head[1] = 0x01;
            var size = 2;
            for (var rest = (uint)length; ; rest >>= 7)
            {
                head[size++] = (byte)(rest > 0x7f ? rest | 0x80 : rest);
                if (rest <= 0x7f)
                {
                    break;
                }
            }

            start -= size;
            head[..size].CopyTo(bytes.AsSpan(start));
        }

        return bytes[start..];
    }

    // Groups of field 1000: the only nesting a parser sees without knowing the field.
    protected override byte[] NestedUnknown(int levels) =>
        [.. Enumerable.Repeat<byte[]>([0xc3, 0x3e], levels).SelectMany(tag => tag), .. Enumerable.Repeat<byte[]>([0xc4, 0x3e], levels).SelectMany(tag => tag)];

    protected override byte[] ManyUnknown(int members) =>
        [.. Enumerable.Range(1 << 18, members).Select(field => field << 3).SelectMany(tag =>
            (byte[])[(byte)(tag | 0x80), (byte)((tag >> 7) | 0x80), (byte)((tag >> 14) | 0x80), (byte)(tag >> 21), 0x01])];

    protected override IReadOnlyList<byte[]> LyingLengths =>
    [
        .. HugeLengths.SelectMany(length => new byte[][]
        {
            [0x72, .. length], [0x7a, .. length], [0x92, 0x01, .. length], [0x9a, 0x01, .. length], [0xa2, 0x01, .. length], [0xaa, 0x01, .. length],
            [0xf2, 0x01, .. length], [0xc2, 0x3e, .. length], [0xa2, 0x01, 0x03, 0x72, .. length],
        }),

        // Two places where the library is lenient, and no memory is lost: it takes a negative length of packed numbers for none, and a wrapper whose
        // bytes are missing for an empty one.
        .. HugeLengths.Where(length => length.Length != 10 && length[^1] != 0x0f).Select(length => (byte[])[0x8a, 0x01, .. length]),
    ];

    protected override IReadOnlyList<byte[]> TypeNames =>
    [
        new Everything { Anything = new() { TypeUrl = "type.googleapis.com/" + CodecTripwire.Name, Value = ByteString.CopyFrom(0x08, 0x01) } }.ToByteArray(),
        new Everything { Text = CodecTripwire.Name }.ToByteArray(),
        [0xc2, 0x3e, (byte)CodecTripwire.Name.Length, .. Encoding.UTF8.GetBytes(CodecTripwire.Name)],
    ];

    protected override IReadOnlyList<byte[]> InvalidText =>
    [
        .. BadText.SelectMany(text => new byte[][]
        {
            [0x72, (byte)text.Length, .. text],
            [0x92, 0x01, (byte)text.Length, .. text],
            [0xba, 0x01, (byte)text.Length, .. text],
            [0xca, 0x01, (byte)text.Length, .. text],
            [0x9a, 0x01, (byte)(text.Length + 2), 0x0a, (byte)text.Length, .. text],
            [0xe2, 0x01, (byte)(text.Length + 2), 0x0a, (byte)text.Length, .. text],
            [0xa2, 0x01, (byte)(text.Length + 2), 0x72, (byte)text.Length, .. text],
        }),
    ];

    protected override IReadOnlyList<byte[]> Malformed =>
    [
        [0x18], [0x18, 0x80], [0x18, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01], [0x00], [0x00, 0x01], [0x02, 0x00], [0x1e], [0x1f], [0x09, 0, 0], [0x15, 0, 0, 0],
        [0xc3, 0x3e], [0xc4, 0x3e], [0xc3, 0x3e, 0xcc, 0x3e], [0xa2, 0x01, 0x01, 0x18], [0xff], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    ];
}
