using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Micro.Codecs;
using Micro.Testing.Codecs;

namespace Micro.Tests.Codecs;

/// <summary>What JSON looks like on the wire, and what its errors say.</summary>
public sealed class JsonFormatTests
{
    [Fact]
    public void COD_10_The_examples_of_RFC_8259_are_read()
    {
        // RFC 8259 §13, the first example whole and a value of the second.
        const string image = """
            {
              "Image": {
                  "Width":  800,
                  "Height": 600,
                  "Title":  "View from 15th Floor",
                  "Thumbnail": {
                      "Url":    "http://www.example.com/image/481989943",
                      "Height": 125,
                      "Width":  100
                  },
                  "Animated" : false,
                  "IDs": [116, 943, 234, 38793]
                }
            }
            """;
        var document = Decode<JsonElement>(new JsonCodec([]), image).GetProperty("Image");

        Assert.Equal(800, document.GetProperty("Width").GetInt32());
        Assert.Equal("View from 15th Floor", document.GetProperty("Title").GetString());
        Assert.Equal(38793, document.GetProperty("IDs")[3].GetInt32());
        Assert.Equal(-122.026020, Decode<JsonElement>(new JsonCodec([]), """[{"Longitude": -122.026020}]""")[0].GetProperty("Longitude").GetDouble());
    }

    [Theory]
    [InlineData("\"Hello world!\"", "Hello world!")]
    [InlineData("\"\\u005C\"", "\\")]
    [InlineData("\"\\uD834\\uDD1E\"", "\U0001d11e")]
    [InlineData("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t")]
    [InlineData("\"\"", "")]
    public void COD_10_The_strings_of_RFC_8259_are_read(string json, string expected) => Assert.Equal(expected, Decode<string>(new JsonCodec([]), json));

    [Fact]
    public void COD_10_Text_is_written_with_the_escapes_JSON_asks_for_and_no_others() =>
        Assert.Equal("\"a\\\"b\\\\c\\n\\u0001é日<>&+'/\"", Encode(new JsonCodec([]), "a\"b\\c\n\u0001é日<>&+'/"));

    [Fact]
    public void E22_A_context_without_options_and_reflection_write_the_same_camelCase()
    {
        const string expected = """{"orderId":"o-1","itemCount":3,"weight":0.5}""";

        Assert.Equal(expected, Encode(new JsonCodec([PlainOrderJson.Default]), new Order("o-1", 3, 0.5)));
        Assert.Equal(expected, Encode(new JsonCodec([WebOrderJson.Default]), new Order("o-1", 3, 0.5)));
        Assert.Equal(expected, Encode(new JsonCodec([]), new Order("o-1", 3, 0.5)));
        Assert.Equal(new Order("o-1", 3), Decode<Order>(new JsonCodec([PlainOrderJson.Default]), """{"ORDERID":"o-1","itemCount":"3"}"""));
    }

    [Fact]
    public void E22_A_contexts_own_options_win()
    {
        var codec = new JsonCodec([SnakeOrderJson.Default]);

        Assert.Equal("""{"order_id":"o-1","item_count":3,"weight":0}""", Encode(codec, new Order("o-1", 3)));
        Assert.Equal(new Order("o-1", 3), Decode<Order>(codec, """{"order_id":"o-1","item_count":3}"""));
    }

    [Fact]
    public void E22_The_first_resolver_that_knows_a_type_is_used()
    {
        var codec = new JsonCodec([SampleJson.Default, SnakeOrderJson.Default, PlainOrderJson.Default]);

        Assert.StartsWith("""{"order_id":""", Encode(codec, new Order("o-1", 3)), StringComparison.Ordinal);
    }

    [Fact]
    public void COD_4_Limits_hold_whatever_the_context_says()
    {
        var context = new SampleJson(new JsonSerializerOptions(JsonSerializerDefaults.Web) { MaxDepth = 1000, AllowDuplicateProperties = true });
        var codec = new JsonCodec([context]);
        var nested = string.Concat(Enumerable.Repeat("{\"child\":", 64)) + "{}" + new string('}', 64);

        Assert.Throws<CodecException>(() => Decode<CodecSample>(codec, nested));
        Assert.Throws<CodecException>(() => Decode<CodecSample>(codec, """{"count":1,"count":1}"""));
    }

    [Fact]
    public void COD_4_A_message_nested_too_deeply_is_not_sent()
    {
        var message = new CodecSample();
        for (var i = 0; i < 80; i++)
        {
            message = new CodecSample { Child = message };
        }

        Assert.Throws<CodecException>(() => Encode(new JsonCodec([SampleJson.Default]), message));
        Assert.Throws<CodecException>(() => Encode(new JsonCodec([]), message));
    }

    [Fact]
    public void COD_1_What_JSON_has_no_number_for_is_refused()
    {
        foreach (var value in new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity })
        {
            Assert.Throws<CodecException>(() => Encode(new JsonCodec([WebOrderJson.Default]), new Order("o", 1, value)));
        }
    }

    [Fact]
    public void COD_2_Errors_say_where_and_not_what()
    {
        var codec = new JsonCodec([PlainOrderJson.Default]);
        var value = Assert.Throws<CodecException>(() => Decode<Order>(codec, "{\n  \"itemCount\": \"hunter2\"}"));
        var syntax = Assert.Throws<CodecException>(() => Decode<Order>(codec, "{\"orderId\":hunter2}"));
        var text = Assert.Throws<CodecException>(() => codec.For<Order>()!.Decode(new ReadOnlySequence<byte>([.. "{\"orderId\":\"hunter2"u8, 0xff, .. "\"}"u8])));

        Assert.Contains("Order at $.itemCount (line 2, byte ", value.Message, StringComparison.Ordinal);
        Assert.Contains("(line 1, byte 12)", syntax.Message, StringComparison.Ordinal);
        Assert.Contains("byte 20", text.Message, StringComparison.Ordinal);
        Assert.All([value, syntax, text], error => Assert.DoesNotContain("hunter", error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void COD_2_What_a_constructor_refuses_is_a_codec_error()
    {
        var error = Assert.Throws<CodecException>(() => Decode<Percentage>(new JsonCodec([]), """{"value":101}"""));

        Assert.Equal(new Percentage(100), Decode<Percentage>(new JsonCodec([]), """{"value":100}"""));
        Assert.IsType<ArgumentOutOfRangeException>(error.InnerException);
    }

    [Fact]
    public void COD_2_A_type_nobody_knows_is_not_carried()
    {
        // Reflection is on in tests, so the question is put to a codec's resolvers one by one.
        Assert.Null(((IJsonTypeInfoResolver)SnakeOrderJson.Default).GetTypeInfo(typeof(CodecSample), new JsonSerializerOptions()));
        Assert.NotNull(new JsonCodec([SnakeOrderJson.Default]).For<CodecSample>());
    }

    [Fact]
    public void Encoding_allocates_nothing_and_decoding_only_the_message()
    {
        var codec = new JsonCodec([WebOrderJson.Default]).For<Order>()!;
        var order = new Order("order-number-1", 3, 0.5);
        var writer = new ArrayBufferWriter<byte>(1024);
        codec.Encode(order, writer);
        var payload = new ReadOnlySequence<byte>(writer.WrittenSpan.ToArray());

        var encoding = Allocated(() =>
        {
            writer.ResetWrittenCount();
            codec.Encode(order, writer);
        });
        var decoding = Allocated(() => codec.Decode(payload));

        Assert.Equal(0, encoding);
        Assert.InRange(decoding, 1, 400);
    }

    private static long Allocated(Action action)
    {
        for (var i = 0; i < 200; i++)
        {
            action();
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            action();
        }

        return (GC.GetAllocatedBytesForCurrentThread() - before) / 100;
    }

    private static string Encode<T>(JsonCodec codec, T message)
    {
        var writer = new ArrayBufferWriter<byte>();
        codec.For<T>()!.Encode(message, writer);
        return Encoding.UTF8.GetString(writer.WrittenSpan);
    }

    private static T Decode<T>(JsonCodec codec, string json) => codec.For<T>()!.Decode(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(json)));

    internal sealed record Percentage
    {
        public Percentage(int value)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 100);
            Value = value;
        }

        public int Value { get; }
    }
}
