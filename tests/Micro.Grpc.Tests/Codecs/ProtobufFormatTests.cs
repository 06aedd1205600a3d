using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Micro.Codecs;
using Micro.Grpc.Codecs;
using Micro.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Micro.Grpc.Tests.Codecs;

/// <summary>What protobuf looks like on the wire, in binary and in JSON.</summary>
public sealed class ProtobufFormatTests
{
    [Fact]
    public void COD_10_Binary_is_bit_for_bit_what_protoc_writes()
    {
        Assert.Equal(Samples.ProtocBytes, Convert.ToHexString(Encode(new ProtobufCodec(), Samples.Full)));
        Assert.Equal(Samples.Full, Decode<Everything>(new ProtobufCodec(), Convert.FromHexString(Samples.ProtocBytes)));
    }

    [Theory]
    [InlineData("189601", 150)]
    [InlineData("18FFFFFFFFFFFFFFFFFF01", -1)]
    [InlineData("", 0)]
    public void COD_10_Integers_follow_the_encoding_guide(string hex, int value)
    {
        Assert.Equal(hex, Convert.ToHexString(Encode(new ProtobufCodec(), new Everything { Int32Value = value })));
        Assert.Equal(value, Decode<Everything>(new ProtobufCodec(), Convert.FromHexString(hex)).Int32Value);
    }

    [Fact]
    public void COD_10_Lists_are_read_packed_and_unpacked_and_the_last_value_counts()
    {
        Assert.Equal([3, 270, 86942], Decode<Everything>(new ProtobufCodec(), [0x8a, 0x01, 0x06, 0x03, 0x8e, 0x02, 0x9e, 0xa7, 0x05]).Numbers);
        Assert.Equal([3, 270], Decode<Everything>(new ProtobufCodec(), [0x88, 0x01, 0x03, 0x88, 0x01, 0x8e, 0x02]).Numbers);
        Assert.Equal(2, Decode<Everything>(new ProtobufCodec(), [0x18, 0x01, 0x18, 0x02]).Int32Value);
    }

    // Each case is one row of the table of the ProtoJSON format.
    [Theory]
    [InlineData("""{"int32Value":1}""", "int32_value")]
    [InlineData("""{"int64Value":"9007199254740993"}""", "int64_value")]
    [InlineData("""{"uint64Value":"18446744073709551615"}""", "uint64_value")]
    [InlineData("""{"fixed64Value":"1"}""", "fixed64_value")]
    [InlineData("""{"doubleValue":"NaN"}""", "double_value")]
    [InlineData("""{"doubleValue":"-Infinity"}""", "double_value")]
    [InlineData("""{"flag":true}""", "flag")]
    [InlineData("""{"text":"Hello World!"}""", "text")]
    [InlineData("""{"blob":"YWJjMTIzIT8kKiYoKSctPUB+"}""", "blob")]
    [InlineData("""{"colour":"COLOUR_GREEN"}""", "colour")]
    [InlineData("""{"numbers":[1,-1]}""", "numbers")]
    [InlineData("""{"byName":{"k":"1"}}""", "by_name")]
    [InlineData("""{"child":{"text":"v"}}""", "child")]
    [InlineData("""{"moment":"1972-01-01T10:00:20.021Z"}""", "moment")]
    [InlineData("""{"span":"1.000340012s"}""", "span")]
    [InlineData("""{"wrapped":"2"}""", "wrapped")]
    [InlineData("""{"structure":{"a":[1,"b",null,true]}}""", "structure")]
    [InlineData("""{"mask":"f.fooBar,h"}""", "mask")]
    [InlineData("""{"maybe":0}""", "maybe")]
    [InlineData("""{"@renamed":"c"}""", "custom_name")]
    public void COD_10_JSON_follows_the_protobuf_mapping(string json, string field)
    {
        var message = Decode<Everything>(new ProtobufJsonCodec(), Encoding.UTF8.GetBytes(json));
        var descriptor = Everything.Descriptor.FindFieldByName(field)!;

        Assert.NotEmpty(Encode(new ProtobufCodec(), message));
        Assert.NotNull(descriptor.Accessor.GetValue(message));
        Assert.Equal(json, Encoding.UTF8.GetString(Encode(new ProtobufJsonCodec(), message)).Replace(" ", "", StringComparison.Ordinal).Replace("HelloWorld", "Hello World", StringComparison.Ordinal));
        Assert.Equal(message, Decode<Everything>(new ProtobufCodec(), Encode(new ProtobufCodec(), message)));
    }

    [Theory]
    [InlineData("""{"int64Value":1}""", """{"int64Value":"1"}""")]
    [InlineData("""{"int64_value":"1"}""", """{"int64Value":"1"}""")]
    [InlineData("""{"int32Value":"1"}""", """{"int32Value":1}""")]
    [InlineData("""{"int32Value":1e1}""", """{"int32Value":10}""")]
    [InlineData("""{"colour":2}""", """{"colour":"COLOUR_GREEN"}""")]
    [InlineData("""{"text":null,"flag":false}""", "{}")]
    [InlineData("""{"moment":"1972-01-01T12:00:20.021+02:00"}""", """{"moment":"1972-01-01T10:00:20.021Z"}""")]
    public void E25_Other_spellings_the_mapping_allows_are_read(string json, string canonical) =>
        Assert.Equal(
            Decode<Everything>(new ProtobufJsonCodec(), Encoding.UTF8.GetBytes(canonical)),
            Decode<Everything>(new ProtobufJsonCodec(), Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void E22_A_message_is_the_same_through_binary_and_JSON()
    {
        var binary = Decode<Everything>(new ProtobufCodec(), Encode(new ProtobufCodec(), Samples.Full));
        var json = Decode<Everything>(new ProtobufJsonCodec(), Encode(new ProtobufJsonCodec(), Samples.Full));

        Assert.Equal(Samples.Full, binary);
        Assert.Equal(Samples.Full, json);
    }

    [Fact]
    public void COD_4_Unknown_fields_are_kept_and_sent_on()
    {
        var little = Decode<Little>(new ProtobufCodec(), Convert.FromHexString(Samples.ProtocBytes));

        Assert.Equal(-1, little.Int32Value);
        Assert.Equal(Samples.Full, Decode<Everything>(new ProtobufCodec(), Encode(new ProtobufCodec(), little)));
    }

    [Fact]
    public void COD_2_A_missing_required_field_is_refused()
    {
        Assert.Equal(1, Decode<Needs>(new ProtobufCodec(), [0x08, 0x01]).Value);
        Assert.Throws<CodecException>(() => Decode<Needs>(new ProtobufCodec(), []));
    }

    [Fact]
    public void COD_2_Errors_say_where_and_not_what()
    {
        var unknown = Assert.Throws<CodecException>(() => Decode<Everything>(new ProtobufJsonCodec(), "{\"child\":{\"nope\":\"hunter2\"}}"u8.ToArray()));
        var syntax = Assert.Throws<CodecException>(() => Decode<Everything>(new ProtobufJsonCodec(), "{\n \"text\":hunter2}"u8.ToArray()));
        var value = Assert.Throws<CodecException>(() => Decode<Everything>(new ProtobufJsonCodec(), "{\"moment\":\"hunter2\"}"u8.ToArray()));
        var binary = Assert.Throws<CodecException>(() => Decode<Everything>(new ProtobufCodec(), [0x72, 0x08, .. "hunter2"u8]));

        Assert.Contains("it has no field 'nope'", unknown.Message, StringComparison.Ordinal);
        Assert.Contains("line 2, byte ", syntax.Message, StringComparison.Ordinal);
        Assert.All([unknown, syntax, value, binary], error => Assert.DoesNotContain("hunter", error.Message, StringComparison.Ordinal));
        Assert.All([unknown, syntax, value, binary], error => Assert.Contains("Everything", error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void COD_1_A_message_larger_than_one_span_comes_back()
    {
        var message = new Everything { Text = new string('é', 500_000), Blob = ByteString.CopyFrom(new byte[300_000]) };

        Assert.Equal(message, Decode<Everything>(new ProtobufCodec(), Encode(new ProtobufCodec(), message)));
        Assert.Throws<CodecException>(() => Encode(new ProtobufCodec(), new Everything { Text = new string('é', 500_000) + "\ud800" }));
        Assert.Throws<CodecException>(() => Encode(new ProtobufCodec(), new Everything { Child = new() { ByName = { ["\udfff"] = 1 } } }));
    }

    [Fact]
    public void COD_1_The_replacement_character_itself_is_text()
    {
        var message = new Everything { Text = "\ufffd", Texts = { "a\ufffd" }, ByName = { ["\ufffd"] = 1 }, Child = new() { MaybeText = "\ufffd" }, DoubleValue = -0.0 };
        var decoded = Decode<Everything>(new ProtobufCodec(), Encode(new ProtobufCodec(), message));

        Assert.Equal("\ufffd", decoded.Text);
        foreach (var broken in new Everything[] { new() { Texts = { "\ufffd", "\ud800" } }, new() { Child = new() { MaybeText = "\udc00" } }, new() { Children = { new Everything { TextChoice = "a\ud800" } } }, new() { Wrapped = "\ud800\ud800" } })
        {
            Assert.Throws<CodecException>(() => Encode(new ProtobufCodec(), broken));
        }
    }

    [Fact]
    public void COD_1_A_lone_surrogate_is_found_however_the_writer_cuts_its_memory()
    {
        for (var length = 0; length < 20; length++)
        {
            for (var piece = 1; piece < 8; piece++)
            {
                var good = new Everything { Text = new string('a', length) + "\ufffd" };
                var writer = new PieceWriter(piece);
                new ProtobufCodec().For<Everything>()!.Encode(good, writer);

                Assert.Equal(good.ToByteArray(), writer.Written);
                Assert.Throws<CodecException>(() =>
                    new ProtobufCodec().For<Everything>()!.Encode(new Everything { Text = new string('a', length) + "\ud800" }, new PieceWriter(piece)));
            }
        }
    }

    [Fact]
    public void E20_Only_generated_messages_are_carried()
    {
        Assert.Null(new ProtobufCodec().For<string>());
        Assert.Null(new ProtobufCodec().For<IMessage>());
        Assert.Null(new ProtobufJsonCodec().For<Dictionary<string, string>>());
        Assert.NotNull(new ProtobufCodec().For<Empty>());
    }

    [Fact]
    public void E22_The_verb_makes_protobuf_the_default_and_its_JSON_the_JSON_of_messages()
    {
        var builder = new Builder();
        builder.AddProtobufCodecs().AddProtobufCodecs();
        var codecs = builder.Services.Select(service => (ICodec)service.ImplementationInstance!).ToArray();
        var set = CodecSet.WithBuiltIn(codecs, []);

        Assert.Equal(2, codecs.Length);
        Assert.Equal([ContentTypes.Protobuf, ContentTypes.Json], set.ContentTypesFor<Everything, Little>().Take(2));
        Assert.Equal(ContentTypes.Protobuf, set.DefaultFor<Everything, Empty>());
        Assert.Equal(ContentTypes.Json, set.DefaultFor<string, string>());
        Assert.IsType<ProtobufJsonMessageCodec<Everything>>(set.Find<Everything>(ContentTypes.Json));
    }

    [Fact]
    public void Encoding_allocates_nothing()
    {
        var codec = new ProtobufCodec().For<Everything>()!;
        var message = new Everything { Text = "text", Int32Value = 5, Child = new() { Text = "child" } };
        var writer = new ArrayBufferWriter<byte>(1024);
        long before = 0;
        for (var i = 0; i < 300; i++)
        {
            if (i == 200)
            {
                before = GC.GetAllocatedBytesForCurrentThread();
            }

            writer.ResetWrittenCount();
            codec.Encode(message, writer);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static byte[] Encode<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>(ICodec codec, T message)
    {
        var writer = new ArrayBufferWriter<byte>();
        codec.For<T>()!.Encode(message, writer);
        return writer.WrittenSpan.ToArray();
    }

    private static T Decode<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>(ICodec codec, byte[] payload) =>
        codec.For<T>()!.Decode(new ReadOnlySequence<byte>(payload));

    /// <summary>Gives its memory out a few bytes at a time.</summary>
    private sealed class PieceWriter(int size) : IBufferWriter<byte>
    {
        private readonly byte[] _memory = new byte[1024];
        private int _length;

        public byte[] Written => _memory[.._length];

        public void Advance(int count) => _length += count;

        public Memory<byte> GetMemory(int sizeHint = 0) => _memory.AsMemory(_length, Math.Max(size, sizeHint));

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
    }

    private sealed class Builder : IMicroBuilder
    {
        public string Name => "test";

        public IServiceCollection Services { get; } = new ServiceCollection();

        public IConfiguration Configuration { get; } = new ConfigurationBuilder().Build();
    }
}
