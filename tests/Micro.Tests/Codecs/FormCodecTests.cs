using System.Text;
using CsCheck;
using Micro.Codecs;
using Micro.Testing.Codecs;

namespace Micro.Tests.Codecs;

/// <summary>The conformance suite over forms, but for null and empty lists, which forms cannot tell from absent.</summary>
public sealed class FormCodecTests : StructuredCodecConformance<CodecSample>
{
    protected override int Depth => 30;

    protected override ICodec CreateCodec() => new FormCodec(new JsonCodec([SampleJson.Default]));

    protected override Gen<CodecSample> Messages => CodecSamples.Any(nonFinite: false, absent: false);

    // Brackets have a meaning in names of fields, and names are limited.
    protected override IReadOnlyList<CodecSample> Edges =>
        [.. CodecSamples.Edges(nonFinite: false, absent: false).Where(edge => edge.ByName?.Keys.Any(key => key.Length > 100 || key.AsSpan().ContainsAny('[', ']')) != true)];

    protected override bool AreEqual(CodecSample expected, CodecSample actual) => CodecSamples.AreEqual(expected, actual);

    protected override CodecSample WithText(string text) => new() { Text = text };

    protected override string? TextOf(CodecSample message) => message.Text;

    protected override byte[] Nested(int levels) => Bytes(string.Concat(Enumerable.Repeat("child.", levels - 1)) + "text=x");

    protected override byte[] NestedUnknown(int levels) => Bytes("unknown" + string.Concat(Enumerable.Repeat("[a]", levels)) + "=x");

    protected override byte[] ManyUnknown(int members) => Bytes(string.Join('&', Enumerable.Range(0, members).Select(i => $"u{i}=1")));

    protected override IReadOnlyList<byte[]> LyingLengths =>
    [
        Bytes("texts[999999999]=x"), Bytes("texts[1]=x"), Bytes("texts[-1]=x"), Bytes("texts[18446744073709551616]=x"), Bytes("children[2000000000].text=x"), Bytes("count=1e999999999"),
        Bytes(string.Join('&', Enumerable.Range(0, FormCodec.MaxFields + 1).Select(i => $"byName.a{i}=1"))),
        Bytes(string.Join('&', Enumerable.Range(0, 1000).Select(i => $"a{i}.b.c.d.e.f=1"))),
        Bytes(new string('a', FormCodec.MaxNameLength + 1) + "=1"),
    ];

    protected override IReadOnlyList<byte[]> TypeNames =>
        [.. new[] { "$type", "__type", "child.$type", "child[$type]" }.Select(name => Bytes($"{name}={Uri.EscapeDataString(CodecTripwire.Name)}"))];

    protected override IReadOnlyList<byte[]> InvalidText =>
    [
        .. new[] { "%FF", "%C0%80", "%ED%A0%80", "%E2%82" }.SelectMany(text => new[] { Bytes($"text={text}"), Bytes($"unknown={text}"), Bytes($"{text}=1"), Bytes($"byName.{text}=1") }),
        [.. "text="u8, 0xff], [.. "text="u8, 0xed, 0xa0, 0x80],
    ];

    protected override IReadOnlyList<byte[]> Malformed =>
    [
        .. new[]
        {
            "count=x", "count=", "count=1&count=2", "count= 1", "count=1.5", "count=0x10", "count=[1]", "flag=1", "flag=TRUE", "flag=", "child=1", "child.text=a&child=b", "text.a=1",
            "text=a&text=b", "numbers=1&numbers[0]=1", "numbers=x", "texts[a]=1", "[]=1", "a[=1", "a[]b=1", "a[b]c=1", "a..b=1", ".a=1", "a.=1", "text[=x", "count=1&Count=2", "time=yesterday",
            "count=null", "count=1,2", "count=1/**/",
        }.Select(Bytes),
    ];

    [Theory]
    [InlineData("text=a+b%20c&count=-3&flag=true&double=1e3")]
    [InlineData("TEXT=a+b%20c&Count=-3&flag=true&double=1000")]
    [InlineData("&&text=a b c&count=-3&flag=true&double=1000.0&unknown=1&maybe=")]
    public void E22_Fields_take_the_type_of_their_member(string form)
    {
        var sample = Decode(Codec, Bytes(form));

        Assert.Equal("a b c", sample.Text);
        Assert.Equal(-3, sample.Count);
        Assert.True(sample.Flag);
        Assert.Equal(1000, sample.Double);
        Assert.Null(sample.Maybe);
    }

    [Theory]
    [InlineData("numbers=1&numbers=2&child.text=x&byName.one=1&byName.two=2&children[0].count=1&children[1].count=2")]
    [InlineData("numbers[]=1&numbers[]=2&child[text]=x&byName[one]=1&byName[two]=2&children[1][count]=2&children[0][count]=1")]
    [InlineData("numbers[1]=2&numbers[0]=1&child%5Btext%5D=x&byName.one=1&byName[two]=2&children%5B0%5D.count=1&children%5B1%5D.count=2")]
    public void E22_Nested_members_and_lists_are_read_in_every_usual_spelling(string form)
    {
        var sample = Decode(Codec, Bytes(form));

        Assert.Equal([1, 2], sample.Numbers!);
        Assert.Equal("x", sample.Child!.Text);
        Assert.Equal(2, sample.ByName!["two"]);
        Assert.Equal([1, 2], sample.Children!.Select(child => child.Count));
    }

    [Fact]
    public void E22_Numbers_in_text_stay_text()
    {
        var sample = Decode(Codec, Bytes("text=123&texts=true&texts=null&texts=1"));

        Assert.Equal("123", sample.Text);
        Assert.Equal(["true", "null", "1"], sample.Texts!);
    }

    [Fact]
    public void COD_10_Writing_follows_the_URL_standard()
    {
        var codec = new FormCodec(new JsonCodec([])).For<Dictionary<string, string>>()!;
        var writer = new System.Buffers.ArrayBufferWriter<byte>();
        codec.Encode(new() { ["a b"] = "*-._~é&=+%", ["c.d"] = "" }, writer);

        Assert.Equal("a+b=*-._%7E%C3%A9%26%3D%2B%25&%5Bc.d%5D=", Encoding.ASCII.GetString(writer.WrittenSpan));
    }

    [Fact]
    public void COD_1_What_a_form_cannot_carry_is_refused()
    {
        var lists = new FormCodec(new JsonCodec([])).For<Dictionary<string, List<List<int>?>>>()!;
        foreach (var list in new List<List<int>?>[] { [null], [[]], [[1], []] })
        {
            Assert.Throws<CodecException>(() => lists.Encode(new() { ["a"] = list }, new System.Buffers.ArrayBufferWriter<byte>()));
        }

        Assert.Throws<CodecException>(() => lists.Encode(new() { ["a[b]"] = [[1]] }, new System.Buffers.ArrayBufferWriter<byte>()));
        Assert.Null(new FormCodec(new JsonCodec([])).For<int>());
        Assert.Null(new FormCodec(new JsonCodec([])).For<List<int>>());
        Assert.Null(new FormCodec(new JsonCodec([])).For<string>());
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
