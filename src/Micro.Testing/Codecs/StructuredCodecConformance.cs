using System.Buffers;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using CsCheck;
using Micro.Codecs;
using Xunit;

namespace Micro.Testing.Codecs;

/// <summary>What a codec of structured messages must do: text, lengths, nesting and names of types from an enemy change nothing.</summary>
/// <typeparam name="T">A message type with text and with a member of its own type.</typeparam>
public abstract class StructuredCodecConformance<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T> : CodecConformance<T>
{
    private const int Absurd = 100_000;

    /// <summary>Deepest nesting that must still be read, e.g. 60 where 64 is the limit; what twice that does must be refused.</summary>
    protected virtual int Depth => 60;

    /// <summary>A message that carries a text.</summary>
    protected abstract T WithText(string text);

    /// <summary>The text of a message made by <see cref="WithText"/>.</summary>
    protected abstract string? TextOf(T message);

    /// <summary>An encoding that is nested so deep, valid but for that.</summary>
    protected abstract byte[] Nested(int levels);

    /// <summary>The same nesting in a member the type does not have; it is skipped, and must not cost more than one that is read.</summary>
    protected abstract byte[] NestedUnknown(int levels);

    /// <summary>An encoding with so many different members the type does not have.</summary>
    protected abstract byte[] ManyUnknown(int members);

    /// <summary>Encodings that announce more bytes or elements than follow. Formats without lengths: numbers that would be used as one.</summary>
    protected abstract IReadOnlyList<byte[]> LyingLengths { get; }

    /// <summary>Encodings that name a CLR type, in each way the format or a library knows. See <see cref="CodecTripwire"/>.</summary>
    protected abstract IReadOnlyList<byte[]> TypeNames { get; }

    /// <summary>Encodings whose text is not valid UTF-8: a stray byte, an overlong form, half a surrogate pair; in values, in keys, in skipped members.</summary>
    protected abstract IReadOnlyList<byte[]> InvalidText { get; }

    /// <summary>Text of any script.</summary>
    [Fact]
    public void COD_1_Text_comes_back()
    {
        var codec = Codec;
        Gen.OneOf(Gen.String, Gen.String[Gen.Char[' ', '퟿'], 0, 40], HostileBytes.OneOf(HostileBytes.Texts))
            .Where(text => !HostileBytes.HasLoneSurrogate(text))
            .Sample(text => TextOf(Decode(codec, Encode(codec, WithText(text)))) == text, iter: 1000);
    }

    /// <summary>Half a character is refused, never replaced: the reader would get another text than was sent.</summary>
    [Fact]
    public void COD_1_Lone_surrogates_are_refused()
    {
        var codec = Codec;
        foreach (var text in HostileBytes.BrokenTexts)
        {
            var message = WithText(text);
            Assert.Throws<CodecException>(() => codec.Encode(message, new ArrayBufferWriter<byte>()));
        }
    }

    /// <summary>Encoding works again after it refused a message.</summary>
    [Fact]
    public void COD_1_A_refused_message_leaves_the_codec_whole()
    {
        var codec = Codec;
        Assert.Throws<CodecException>(() => codec.Encode(WithText("\ud800"), new ArrayBufferWriter<byte>()));
        Assert.Equal("after", TextOf(Decode(codec, Encode(codec, WithText("after")))));
    }

    /// <summary>What is skipped may not cost more the more of it there is: with work in the square of the members this takes minutes.</summary>
    [Fact]
    public void COD_2_Many_unknown_members_take_no_time()
    {
        var codec = Codec;
        var bytes = ManyUnknown(Absurd);
        var started = Stopwatch.GetTimestamp();
        try
        {
            Decode(codec, bytes);
        }
        catch (CodecException)
        {
            // A codec may have a limit of its own; it only must not take long to find out.
        }

        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 0, 10);
        Assert.InRange(bytes.Length, 4 * Absurd, 20 * Absurd);
    }

    /// <summary>Announced lengths are believed only as far as bytes follow.</summary>
    [Fact]
    public void COD_3_Lying_lengths_are_refused_without_allocating()
    {
        var codec = Codec;
        foreach (var bytes in LyingLengths)
        {
            AssertRefused(codec, bytes);
        }
    }

    /// <summary>The limit leaves room for what people nest.</summary>
    [Fact]
    public void COD_4_Nesting_within_the_limit_is_read()
    {
        var codec = Codec;
        Assert.True(DecodeHostile(codec, Nested(Depth), "nested"), "A message nested within the limit was refused.");
    }

    /// <summary>Deeper is refused, however deep: a stack overflow would end the process.</summary>
    [Fact]
    public void COD_4_Nesting_beyond_the_limit_is_refused()
    {
        var codec = Codec;
        AssertRefused(codec, Nested(2 * Depth));
        AssertRefused(codec, Nested(Absurd));
    }

    /// <summary>The same where the value is skipped.</summary>
    [Fact]
    public void COD_4_Nesting_in_unknown_members_ends_nothing()
    {
        var codec = Codec;
        Assert.True(DecodeHostile(codec, NestedUnknown(2), "unknown member"), "An unknown member was refused.");
        DecodeHostile(codec, NestedUnknown(Absurd), "nested unknown member");
    }

    /// <summary>Whatever type a message names, no instance of it is made.</summary>
    [Fact]
    public void COD_5_No_type_name_selects_a_type()
    {
        var codec = Codec;
        var before = CodecTripwire.Created;
        foreach (var bytes in TypeNames)
        {
            DecodeHostile(codec, bytes, "type name");
        }

        Assert.Equal(before, CodecTripwire.Created);
        Assert.NotEmpty(TypeNames);
    }

    /// <summary>Text that is not UTF-8 is refused, as sending it is.</summary>
    [Fact]
    public void COD_8_Invalid_UTF_8_is_refused()
    {
        var codec = Codec;
        foreach (var bytes in InvalidText)
        {
            AssertRefused(codec, bytes);
        }
    }
}
