using System.Buffers;
using CsCheck;
using Micro.Codecs;
using Micro.Testing.Codecs;

namespace Micro.Tests.Codecs;

public sealed class TextCodecTests : CodecConformance<string>
{
    protected override ICodec CreateCodec() => new TextCodec();

    protected override Gen<string> Messages => Gen.String[Gen.Char['\0', '퟿'], 0, 50];

    protected override IReadOnlyList<string> Edges => ["häagen日本\U0001f600", "", "\0", "\ufeff", "\ufffd", "\uffff", new('x', 100_000)];

    protected override IReadOnlyList<byte[]> Malformed => [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe2, 0x82], [0x61, 0xf8, 0x88, 0x80, 0x80, 0x80]];

    [Fact]
    public void COD_1_Lone_surrogates_are_refused()
    {
        foreach (var text in new[] { "\ud800", "\udc00", "a\ud800", "\udc00\ud800", new string('x', 5000) + "\ud800" })
        {
            Assert.Throws<CodecException>(() => Codec.Encode(text, new ArrayBufferWriter<byte>()));
        }
    }

    [Fact]
    public void E20_Text_is_sent_as_it_is()
    {
        Assert.Equal("plain"u8.ToArray(), Encode(Codec, "plain"));
        Assert.Null(CreateCodec().For<object>());
        Assert.Null(CreateCodec().For<char[]>());
    }
}
