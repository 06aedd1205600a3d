using System.Text;
using CsCheck;
using Micro.Codecs;
using Micro.Testing.Codecs;

namespace Micro.MessagePack.Tests;

public sealed class MessagePackCodecTests : StructuredCodecConformance<CodecSample>
{
    private static readonly byte[][] BadText = [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf8, 0x88, 0x80, 0x80, 0x80], [0xe2, 0x82]];

    protected override ICodec CreateCodec() => new MessagePackCodec([SampleShapes.GeneratedTypeShapeProvider]);

    protected override Gen<CodecSample> Messages => CodecSamples.Any(nonFinite: true);

    protected override IReadOnlyList<CodecSample> Edges => CodecSamples.Edges(nonFinite: true);

    protected override bool AreEqual(CodecSample expected, CodecSample actual) => CodecSamples.AreEqual(expected, actual);

    protected override CodecSample WithText(string text) => new() { Text = text };

    protected override string? TextOf(CodecSample message) => message.Text;

    protected override byte[] Nested(int levels) => [.. Enumerable.Repeat(Member("child"), levels - 1).SelectMany(bytes => bytes), 0x80];

    protected override byte[] NestedUnknown(int levels) => [.. Member("unknown"), .. Enumerable.Repeat((byte)0x91, levels), 0xc0];

    protected override byte[] ManyUnknown(int members) =>
        [0xdf, (byte)(members >> 24), (byte)(members >> 16), (byte)(members >> 8), (byte)members, .. Enumerable.Range(0, members).SelectMany(i => (byte[])[.. Text($"u{i}"), 0x01])];

    protected override IReadOnlyList<byte[]> LyingLengths =>
    [
        .. new[] { "numbers", "texts", "children", "unknown" }.SelectMany(name => new byte[][]
        {
            [.. Member(name), 0xdd, 0x7f, 0xff, 0xff, 0xff], [.. Member(name), 0xdd, 0xff, 0xff, 0xff, 0xff], [.. Member(name), 0xdc, 0xff, 0xff],
            [.. Member(name), 0x9f], [.. Member(name), 0xdd, 0x00, 0x10, 0x00, 0x00, .. new byte[1000]],
        }),
        .. new[] { "byName", "child", "unknown" }.SelectMany(name => new byte[][]
        {
            [.. Member(name), 0xdf, 0x7f, 0xff, 0xff, 0xff], [.. Member(name), 0xdf, 0xff, 0xff, 0xff, 0xff], [.. Member(name), 0xde, 0xff, 0xff], [.. Member(name), 0x8f],
        }),
        .. new[] { "text", "unknown" }.SelectMany(name => new byte[][]
        {
            [.. Member(name), 0xdb, 0x7f, 0xff, 0xff, 0xff], [.. Member(name), 0xdb, 0xff, 0xff, 0xff, 0xff], [.. Member(name), 0xda, 0xff, 0xff], [.. Member(name), 0xd9, 0xff], [.. Member(name), 0xbf],
        }),
        .. new[] { "blob", "unknown" }.SelectMany(name => new byte[][]
        {
            [.. Member(name), 0xc6, 0x7f, 0xff, 0xff, 0xff], [.. Member(name), 0xc6, 0xff, 0xff, 0xff, 0xff], [.. Member(name), 0xc5, 0xff, 0xff], [.. Member(name), 0xc4, 0xff],
            [.. Member(name), 0xc9, 0xff, 0xff, 0xff, 0xff, 0x01], [.. Member(name), 0xc8, 0xff, 0xff, 0x01], [.. Member(name), 0xc7, 0xff, 0x01], [.. Member(name), 0xd8, 0x01],
        }),
        [0xdf, 0x7f, 0xff, 0xff, 0xff], [0xde, 0xff, 0xff], [0x81],
    ];

    protected override IReadOnlyList<byte[]> TypeNames =>
    [
        [.. Member("$type"), .. Text(CodecTripwire.Name)],
        [.. Member("child"), .. Member("$type"), .. Text(CodecTripwire.Name)],

        // MessagePack-CSharp's typeless format: extension 100 with a name and a value.
        [0xc8, .. Length(CodecTripwire.Name.Length + 4), 100, .. Text(CodecTripwire.Name), 0x80],
        [.. Member("child"), 0xc8, .. Length(CodecTripwire.Name.Length + 4), 100, .. Text(CodecTripwire.Name), 0x80],

        // A union: alias and value.
        [0x92, .. Text(CodecTripwire.Name), 0x80],
        [.. Member("child"), 0x92, .. Text(CodecTripwire.Name), 0x80],
    ];

    protected override IReadOnlyList<byte[]> InvalidText =>
    [
        .. BadText.SelectMany(text => new byte[][]
        {
            [.. Member("text"), (byte)(0xa0 | text.Length), .. text],
            [.. Member("text"), 0xd9, (byte)text.Length, .. text],
            [.. Member("unknown"), (byte)(0xa0 | text.Length), .. text],
            [.. Member("texts"), 0x91, (byte)(0xa0 | text.Length), .. text],
            [.. Member("byName"), 0x81, (byte)(0xa0 | text.Length), .. text, 0x01],
            [0x81, (byte)(0xa0 | text.Length), .. text, 0x01],
        }),
    ];

    protected override IReadOnlyList<byte[]> Malformed =>
    [
        [], [0xc0], [0xc1], [0x80, 0x80], [0x80, 0xc0], [0x01], [0xa1, 0x61], [0x90, 0x00], [.. Member("count"), 0xa1, 0x31], [.. Member("count"), 0xcb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0],
        [.. Member("count"), 0xce, 0xff, 0xff, 0xff, 0xff], [.. Member("tiny"), 0xff], [.. Member("text"), 0x01], [.. Member("flag"), 0x01], [.. Member("count"), 0xc1],
        [0x82, .. Text("count"), 0x01, .. Text("count"), 0x02], [.. Member("time"), .. Text("yesterday")], [.. Member("time"), 0xd6, 0x01, 0, 0, 0, 0],
        [.. Member("time"), 0xc7, 12, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    ];

    private static byte[] Member(string name) => [0x81, .. Text(name)];

    private static byte[] Text(string text) =>
        text.Length < 32 ? [(byte)(0xa0 | text.Length), .. Encoding.UTF8.GetBytes(text)] : [0xd9, (byte)text.Length, .. Encoding.UTF8.GetBytes(text)];

    private static byte[] Length(int length) => [(byte)(length >> 8), (byte)length];
}
