using System.Text;
using CsCheck;
using Micro.Codecs;
using Micro.Grpc.Codecs;
using Micro.Testing.Codecs;

namespace Micro.Grpc.Tests.Codecs;

public sealed class ProtobufJsonCodecTests : StructuredCodecConformance<Everything>
{
    protected override ICodec CreateCodec() => new ProtobufJsonCodec();

    protected override Gen<Everything> Messages => Samples.Any;

    protected override IReadOnlyList<Everything> Edges => Samples.Edges;

    protected override bool AreEqual(Everything expected, Everything actual) => expected.Equals(actual) && expected.CalculateSize() == actual.CalculateSize();

    protected override Everything WithText(string text) => new() { Text = text };

    protected override string? TextOf(Everything message) => message.Text;

    protected override byte[] Nested(int levels) => Bytes(string.Concat(Enumerable.Repeat("{\"child\":", levels - 1)) + "{}" + new string('}', levels - 1));

    // Unknown fields are refused here, so the member that may hold anything stands for them.
    protected override byte[] NestedUnknown(int levels) => Bytes("{\"structure\":{\"a\":" + new string('[', levels) + new string(']', levels) + "}}");

    protected override byte[] ManyUnknown(int members) =>
        Bytes("{\"structure\":{" + string.Join(',', Enumerable.Range(0, members).Select(i => $"\"u{i}\":1")) + "}}");

    protected override IReadOnlyList<byte[]> LyingLengths =>
    [
        .. new[] { "1e999999999", "99999999999999999999", "-1e400", "2147483648", "1.5" }.Select(number => Bytes($"{{\"int32Value\":{number}}}")),
        Bytes("{\"span\":\"99999999999999999999s\"}"), Bytes("{\"moment\":\"99999-01-01T00:00:00Z\"}"), Bytes("{\"numbers\":[" + string.Concat(Enumerable.Repeat("1,", 1000))),
    ];

    protected override IReadOnlyList<byte[]> TypeNames =>
    [
        Bytes($$"""{"anything":{"@type":"{{CodecTripwire.Name}}"} }"""),
        Bytes($$"""{"anything":{"@type":"type.googleapis.com/micro.tests.Little","int32Value":1} }"""),
        Bytes($$"""{"structure":{"$type":"{{CodecTripwire.Name}}"} }"""),
    ];

    protected override IReadOnlyList<byte[]> InvalidText =>
    [
        .. new byte[][] { [0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe2, 0x82] }.SelectMany(text => new byte[][]
        {
            [.. "{\"text\":\""u8, .. text, .. "\"}"u8],
            [.. "{\"texts\":[\""u8, .. text, .. "\"]}"u8],
            [.. "{\"byName\":{\""u8, .. text, .. "\":1}}"u8],
            [.. "{\"structure\":{\""u8, .. text, .. "\":1}}"u8],
        }),
        .. new[] { @"\ud800", @"\udc00", @"\ud800\ud800", @"\ud800x" }.SelectMany(text => new[]
        {
            Bytes("{\"text\":\"" + text + "\"}"), Bytes("{\"byName\":{\"" + text + "\":1}}"), Bytes("{\"structure\":{\"a\":\"" + text + "\"}}"),
        }),
    ];

    protected override IReadOnlyList<byte[]> Malformed =>
    [
        .. new[]
        {
            "", " ", "null", "[]", "1", "{", "{} {}", "{}x", "{text:\"a\"}", "{'text':'a'}", "{\"text\":\"a\",}", "{\"nope\":1}", "{\"child\":{\"nope\":1}}", "{\"text\":1}", "{\"int32Value\":01}",
            "{\"text\":\"a\",\"text\":\"b\"}", "{\"byName\":{\"a\":1,\"a\":2}}", "{\"numberChoice\":1,\"textChoice\":\"a\"}", "{\"flag\":1}", "{\"flag\":\"true\"}", "{\"blob\":\"%%\"}",
            "{\"colour\":\"COLOUR_BLUE\"}", "{\"moment\":\"today\"}", "{\"span\":\"1\"}", "{\"numbers\":[null]}", "{\"numbers\":1}", "{\"child\":[]}", "{/**/}",
        }.Select(Bytes),
    ];

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
