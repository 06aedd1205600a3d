using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Micro.Codecs;
using Micro.Hosting;
using Micro.Testing.Codecs;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Nerdbank.MessagePack;

namespace Micro.MessagePack.Tests;

/// <summary>What MessagePack looks like on the wire. Vectors follow the format tables of the specification.</summary>
public sealed class MessagePackFormatTests
{
    private static readonly MessagePackCodec Codec = new([SampleShapes.GeneratedTypeShapeProvider]);

    [Theory]
    [InlineData(0L, "00")]
    [InlineData(127L, "7F")]
    [InlineData(128L, "CC80")]
    [InlineData(255L, "CCFF")]
    [InlineData(256L, "CD0100")]
    [InlineData(65535L, "CDFFFF")]
    [InlineData(65536L, "CE00010000")]
    [InlineData(4294967295L, "CEFFFFFFFF")]
    [InlineData(4294967296L, "CF0000000100000000")]
    [InlineData(-1L, "FF")]
    [InlineData(-32L, "E0")]
    [InlineData(-33L, "D0DF")]
    [InlineData(-128L, "D080")]
    [InlineData(-129L, "D1FF7F")]
    [InlineData(-32769L, "D2FFFF7FFF")]
    [InlineData(-2147483649L, "D3FFFFFFFF7FFFFFFF")]
    public void COD_10_Integers_take_the_shortest_form(long value, string hex) => AssertVector(value, hex);

    [Fact]
    public void COD_10_Other_values_follow_the_specification()
    {
        AssertVector(true, "C3");
        AssertVector(false, "C2");
        AssertVector(1.5f, "CA3FC00000");
        AssertVector(1.5d, "CB3FF8000000000000");
        AssertVector(-0.0d, "CB8000000000000000");
        AssertVector("", "A0");
        AssertVector("é", "A2C3A9");
        AssertVector(new string('a', 31), "BF" + string.Concat(Enumerable.Repeat("61", 31)));
        AssertVector(new string('a', 32), "D920" + string.Concat(Enumerable.Repeat("61", 32)));
        AssertVector(new string('a', 256), "DA0100" + string.Concat(Enumerable.Repeat("61", 256)));
        AssertVector(new byte[] { 1 }, "C40101");
        AssertVector(new List<int> { 1, -1 }, "9201FF");
        AssertVector(Enumerable.Repeat(0, 16).ToList(), "DC0010" + new string('0', 32));
        AssertVector(new Dictionary<string, int> { ["a"] = 1 }, "81A16101");
    }

    [Fact]
    public void COD_10_Times_in_UTC_are_the_specifications_timestamps()
    {
        AssertVector(DateTime.UnixEpoch, "D6FF00000000");
        AssertVector(DateTime.UnixEpoch.AddSeconds(uint.MaxValue), "D6FFFFFFFFFF");
        AssertVector(DateTime.UnixEpoch.AddSeconds(1).AddTicks(5), "D7FF000007D000000001");
        AssertVector(DateTime.UnixEpoch.AddSeconds(-1), "C70CFF00000000FFFFFFFFFFFFFFFF");
    }

    [Fact]
    public void COD_10_Objects_are_maps_of_camelCase_names_and_arrays_where_members_have_keys()
    {
        AssertVector(new Compact(true, 0), "82A9" + Convert.ToHexString("isCompact"u8) + "C3AC" + Convert.ToHexString("schemaNumber"u8) + "00");
        AssertVector(new Positional("a", 1), "92A16101");
    }

    [Fact]
    public void COD_1_Raw_members_are_copies()
    {
        byte[] payload = [0x82, 0xa3, .. "raw"u8, 0xa1, 0x61, 0xa6, .. "memory"u8, 0xc4, 0x02, 0x01, 0x02];
        var decoded = Codec.For<Wrapper>()!.Decode(new ReadOnlySequence<byte>(payload));
        payload.AsSpan().Fill(0xc1);

        Assert.Equal([0xa1, 0x61], decoded.Raw.MsgPack.ToArray());
        Assert.Equal([1, 2], decoded.Memory.ToArray());
    }

    [Fact]
    public void COD_5_An_untyped_member_takes_no_type_from_the_payload()
    {
        var before = CodecTripwire.Created;
        byte[] named = [0x81, 0xa8, .. "anything"u8, 0x81, 0xa5, .. "$type"u8, 0xd9, (byte)CodecTripwire.Name.Length, .. System.Text.Encoding.UTF8.GetBytes(CodecTripwire.Name)];

        Assert.Throws<CodecException>(() => Codec.For<Untyped>()!.Decode(new ReadOnlySequence<byte>(named)));
        Assert.Throws<CodecException>(() => Codec.For<Untyped>()!.Encode(new Untyped { Anything = new CodecTripwire() }, new ArrayBufferWriter<byte>()));
        Assert.Equal(before + 1, CodecTripwire.Created);
    }

    [Fact]
    public void COD_5_A_union_knows_its_registered_cases_only()
    {
        Assert.Equal(new Circle(2), RoundTrip<Shape>(new Circle(2)));
        Assert.Throws<CodecException>(() => Codec.For<Shape>()!.Decode(new ReadOnlySequence<byte>([0x92, 0x02, 0x80])));
    }

    [Fact]
    public void COD_4_A_message_nested_too_deeply_is_not_sent()
    {
        var message = new CodecSample();
        for (var i = 0; i < 80; i++)
        {
            message = new CodecSample { Child = message };
        }

        Assert.Throws<CodecException>(() => Codec.For<CodecSample>()!.Encode(message, new ArrayBufferWriter<byte>()));
    }

    [Fact]
    public void COD_2_Errors_say_where_and_not_what()
    {
        byte[] payload = [0x81, 0xa5, .. "child"u8, 0x81, 0xa5, .. "count"u8, 0xa7, .. "hunter2"u8];
        var error = Assert.Throws<CodecException>(() => Codec.For<CodecSample>()!.Decode(new ReadOnlySequence<byte>(payload)));

        Assert.Contains("'Child'", error.Message, StringComparison.Ordinal);
        Assert.Contains("'Count'", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", error.Message, StringComparison.Ordinal);
        Assert.Contains("(byte 2)", Assert.Throws<CodecException>(() => Codec.For<CodecSample>()!.Decode(new ReadOnlySequence<byte>([0x80, 0x80]))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void COD_2_What_a_constructor_refuses_is_a_codec_error()
    {
        Assert.Equal(new Percentage(100), Codec.For<Percentage>()!.Decode(new ReadOnlySequence<byte>([0x81, 0xa5, .. "value"u8, 100])));
        Assert.Throws<CodecException>(() => Codec.For<Percentage>()!.Decode(new ReadOnlySequence<byte>([0x81, 0xa5, .. "value"u8, 101])));
    }

    [Fact]
    public void E20_A_type_without_a_shape_is_not_carried()
    {
        Assert.Null(Codec.For<Uri>());
        Assert.Equal(ContentTypes.MessagePack, Codec.ContentType);
    }

    [Fact]
    public void PLG_The_verb_adds_the_codec_and_refuses_to_add_it_without_shapes()
    {
        var builder = new Builder();
        builder.AddMessagePack(SampleShapes.GeneratedTypeShapeProvider);

        Assert.IsType<MessagePackCodec>(Assert.Single(builder.Services).ImplementationInstance);
        Assert.Throws<ArgumentException>(() => builder.AddMessagePack());
    }

    private static void AssertVector<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>(T value, string hex)
    {
        var writer = new ArrayBufferWriter<byte>();
        Codec.For<T>()!.Encode(value, writer);

        Assert.Equal(hex, Convert.ToHexString(writer.WrittenSpan));
        Assert.Equal(value, Codec.For<T>()!.Decode(new ReadOnlySequence<byte>(Convert.FromHexString(hex))));
    }

    private static T RoundTrip<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>(T value)
    {
        var writer = new ArrayBufferWriter<byte>();
        Codec.For<T>()!.Encode(value, writer);
        return Codec.For<T>()!.Decode(new ReadOnlySequence<byte>(writer.WrittenMemory));
    }

    private sealed class Builder : IMicroBuilder
    {
        public string Name => "test";

        public IServiceCollection Services { get; } = new ServiceCollection();

        public IConfiguration Configuration { get; } = new ConfigurationBuilder().Build();
    }
}
