using System.Text;
using CsCheck;
using Micro.Codecs;
using Micro.Testing.Codecs;

namespace Micro.Tests.Codecs;

/// <summary>The conformance suite over JSON from a generated context.</summary>
public class JsonCodecTests : StructuredCodecConformance<CodecSample>
{
    protected override ICodec CreateCodec() => new JsonCodec([SampleJson.Default]);

    protected override Gen<CodecSample> Messages => CodecSamples.Any(nonFinite: false);

    protected override IReadOnlyList<CodecSample> Edges => CodecSamples.Edges(nonFinite: false);

    protected override bool AreEqual(CodecSample expected, CodecSample actual) => CodecSamples.AreEqual(expected, actual);

    protected override CodecSample WithText(string text) => new() { Text = text };

    protected override string? TextOf(CodecSample message) => message.Text;

    protected override byte[] Nested(int levels) => Bytes(string.Concat(Enumerable.Repeat("{\"child\":", levels - 1)) + "{}" + new string('}', levels - 1));

    protected override byte[] NestedUnknown(int levels) => Bytes("{\"unknown\":" + new string('[', levels) + new string(']', levels) + "}");

    protected override byte[] ManyUnknown(int members) => Bytes("{" + string.Join(',', Enumerable.Range(0, members).Select(i => $"\"u{i}\":1")) + "}");

    protected override IReadOnlyList<byte[]> LyingLengths =>
    [
        .. new[] { "1e999999999", "99999999999999999999", "-1e400", "0." + new string('9', 5000) + "e5" }.Select(number => Bytes($"{{\"count\":{number}}}")),
        Bytes("{\"blob\":\"" + new string('A', 1001) + "\"}"),
        Bytes("{\"numbers\":[" + string.Concat(Enumerable.Repeat("1,", 1000))),
    ];

    protected override IReadOnlyList<byte[]> TypeNames =>
    [
        .. new[] { "$type", "__type", "@type", "@class", "$values" }.SelectMany(name => new[]
        {
            Bytes($$"""{"{{name}}":"{{CodecTripwire.Name}}"}"""),
            Bytes($$"""{"child":{"{{name}}":"{{CodecTripwire.Name}}"} ,"children":[{"{{name}}":"{{CodecTripwire.Name}}"} ]}"""),
        }),
        Bytes("""{"$id":"1","child":{"$ref":"1"}}"""),
    ];

    protected override IReadOnlyList<byte[]> InvalidText =>
    [
        .. new byte[][] { [0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf8, 0x88, 0x80, 0x80, 0x80], [0xe2, 0x82] }.SelectMany(text => new byte[][]
        {
            [.. "{\"text\":\""u8, .. text, .. "\"}"u8],
            [.. "{\"unknown\":\""u8, .. text, .. "\"}"u8],
            [.. "{\""u8, .. text, .. "\":1}"u8],
            [.. "{\"byName\":{\""u8, .. text, .. "\":1}}"u8],
        }),
        .. new[] { @"\ud800", @"\udc00", @"\ud800\ud800", @"\ud800x", @"\uDBFF\u0041", @"\\\ud800" }.SelectMany(text => new[]
        {
            Bytes($$"""{"text":"{{text}}"}"""), Bytes($$"""{"unknown":"{{text}}"}"""), Bytes($$"""{"{{text}}":1}"""), Bytes("{\"byName\":{\"" + text + "\":1}}"),
        }),
    ];

    protected override IReadOnlyList<byte[]> Malformed =>
    [
        .. new[]
        {
            "", " ", "null", "[]", "1", "\"x\"", "{", "{}}", "{} {}", "{},", "{}x", "[{}]", "{'text':1}", "{text:1}", "{\"text\":\"a", "{\"text\":\"\t\"}", "{\"text\":\"\\x\"}",
            "{\"count\":01}", "{\"count\":+1}", "{\"count\":1.}", "{\"count\":.1}", "{\"count\":1.5}", "{\"count\":0x10}", "{\"count\":NaN}", "{\"double\":NaN}", "{\"double\":Infinity}",
            "{\"count\":1,}", "{\"count\" 1}", "{/**/}", "{}//", "{\"count\":1,\"count\":2}", "{\"count\":1,\"Count\":2}", "{\"byName\":{\"a\":1,\"a\":2}}", "\ufeff{}",
            "{\"count\":2147483648}", "{\"time\":\"yesterday\"}", "{\"id\":\"1\"}", "{\"letter\":\"ab\"}", "{\"flag\":\"true\"}", "{\"blob\":\"%\"}", "{\"text\":{}}",
        }.Select(Bytes),
    ];

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
