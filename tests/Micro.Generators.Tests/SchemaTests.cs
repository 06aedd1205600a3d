using System.Text.Json;
using Micro.Generators.Tests.Support;

namespace Micro.Generators.Tests;

/// <summary>JSON Schema of messages, as it stands in the descriptor.</summary>
public sealed class SchemaTests
{
    [Fact]
    public void A_record_is_an_object_with_camel_case_names() => Assert.Equal(
        """{"title":"Ask","type":"object","properties":{"text":{"type":"string"},"urlPath":{"type":"string"},"id":{"type":"integer","format":"int32"}}}""",
        Schema("Ask", "public sealed record Ask(string Text, string URLPath, int ID);"));

    [Fact]
    public void Values_have_their_types_and_formats()
    {
        var properties = Properties("Ask", """
            public sealed record Ask(bool A, byte B, sbyte C, short D, ushort E, int F, uint G, long H, ulong I, float J, double K, decimal L, char M, string N,
                Guid O, DateTime P, DateTimeOffset Q, DateOnly R, TimeOnly S, TimeSpan T, Uri U, byte[] V, ReadOnlyMemory<byte> W, JsonElement X, Int128 Y, Half Z);
            """);

        Assert.Equal(
            [
                """{"type":"boolean"}""", """{"type":"integer","format":"uint8"}""", """{"type":"integer","format":"int8"}""", """{"type":"integer","format":"int16"}""",
                """{"type":"integer","format":"uint16"}""", """{"type":"integer","format":"int32"}""", """{"type":"integer","format":"uint32"}""",
                """{"type":"integer","format":"int64"}""", """{"type":"integer","format":"uint64"}""", """{"type":"number","format":"float"}""",
                """{"type":"number","format":"double"}""", """{"type":"number","format":"decimal"}""", """{"type":"string","maxLength":1}""", """{"type":"string"}""",
                """{"type":"string","format":"uuid"}""", """{"type":"string","format":"date-time"}""", """{"type":"string","format":"date-time"}""",
                """{"type":"string","format":"date"}""", """{"type":"string","format":"time"}""", """{"type":"string","format":"time-span"}""",
                """{"type":"string","format":"uri-reference"}""", """{"type":"string","contentEncoding":"base64"}""", """{"type":"string","contentEncoding":"base64"}""",
                """{"title":"JsonElement"}""", """{"type":"integer"}""", """{"type":"number"}""",
            ],
            properties.Select(property => property.Value.GetRawText()));
    }

    [Fact]
    public void Nullable_values_collections_and_maps()
    {
        var properties = Properties("Ask", """
            public sealed record Ask(string? A, int? B, List<string?>? C, Dictionary<Guid, int[]> D, Item? E, Colour? F, IReadOnlySet<Item> G, JsonElement? H);
            public sealed record Item(int Count);
            public enum Colour { Red, Green = 4 }
            """);

        Assert.Equal(
            [
                """{"type":["string","null"]}""",
                """{"type":["integer","null"],"format":"int32"}""",
                """{"type":["array","null"],"items":{"type":["string","null"]}}""",
                """{"type":"object","additionalProperties":{"type":"array","items":{"type":"integer","format":"int32"}}}""",
                """{"title":"Item","type":["object","null"],"properties":{"count":{"type":"integer","format":"int32"}}}""",
                """{"title":"Colour","type":["integer","null"],"enum":[0,4,null],"description":"0 Red, 4 Green"}""",
                """{"type":"array","items":{"title":"Item","type":"object","properties":{"count":{"type":"integer","format":"int32"}}}}""",
                """{"title":"JsonElement"}""",
            ],
            properties.Select(property => property.Value.GetRawText()));
    }

    [Fact]
    public void Attributes_of_the_serializer_are_honoured()
    {
        Assert.Equal(
            """{"title":"Ask","type":"object","properties":{"the \"name\"":{"type":"string"},"hidden":{"type":"integer","format":"int32"},"sometimes":{"type":"string"},"a":{"title":"Colour","type":"string","enum":["Red","verde"]},"b":{}},"required":["the \"name\"","sometimes"]}""",
            Schema("Ask", """
                public sealed class Ask
                {
                    [JsonPropertyName("the \"name\"")] public required string Name { get; init; }
                    [JsonInclude] internal int Hidden { get; set; }
                    [JsonIgnore] public Action? Never { get; set; }
                    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), JsonRequired] public string Sometimes { get; set; } = "";
                    public Colour A { get; set; }
                    [JsonConverter(typeof(Own))] public object B { get; set; } = "";
                    [JsonExtensionData] public Dictionary<string, JsonElement>? More { get; set; }
                    public static int Count { get; set; }
                    public int Field;
                    private int Private { get; set; }
                    public int this[int index] => index;
                }
                [JsonConverter(typeof(JsonStringEnumConverter<Colour>))] public enum Colour { Red, [JsonStringEnumMemberName("verde")] Green }
                public sealed class Own : JsonConverter<object>
                {
                    public override object? Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => null;
                    public override void Write(Utf8JsonWriter writer, object value, JsonSerializerOptions options) { }
                }
                """));
    }

    [Fact]
    public void Members_of_base_types_come_first_and_hidden_ones_once() => Assert.Equal(
        """{"title":"Ask","type":"object","properties":{"id":{"type":"string"},"name":{"type":"integer","format":"int32"}}}""",
        Schema("Ask", "public abstract record One { public string Id { get; set; } = \"\"; public string? Name { get; set; } } public sealed record Ask : One { public new int Name { get; set; } }"));

    [Fact]
    public void Flags_are_a_number() => Assert.Equal("""{"title":"Days","type":"integer"}""", Schema("Days", "[Flags] public enum Days { None, Mon, Tue }"));

    [Fact]
    public void Messages_that_are_no_objects_have_a_title_too()
    {
        Assert.Equal("""{"title":"string","type":"string"}""", Schema("string"));
        Assert.Equal("""{"title":"byte[]","type":"string","contentEncoding":"base64"}""", Schema("byte[]"));
        Assert.Equal("""{"title":"List<int?>","type":"array","items":{"type":["integer","null"],"format":"int32"}}""", Schema("List<int?>"));
    }

    [Fact]
    public void A_type_within_itself_is_cut_off_to_its_title() => Assert.Equal(
        """{"title":"Node","type":"object","properties":{"left":{"title":"Node","type":["object","null"]},"all":{"type":"array","items":{"title":"Node","type":"object"}}}}""",
        Schema("Node", "public sealed record Node(Node? Left, List<Node> All);"));

    [Fact]
    public void A_list_of_itself_ends() => Assert.Equal(
        """{"title":"Tree","type":"array","items":{"type":"array"}}""", Schema("Tree", "public sealed class Tree : List<Tree>;"));

    [Fact]
    public void Depth_ends_at_eight_objects()
    {
        var types = string.Concat(Enumerable.Range(0, 12).Select(i => $"public sealed record L{i}(L{i + 1} Next);")) + "public sealed record L12(int End);";

        var schema = Schema("L0", types);

        Assert.Contains("\"L8\"", schema, StringComparison.Ordinal);
        Assert.DoesNotContain("\"L9\"", schema, StringComparison.Ordinal);
    }

    [Fact]
    public void A_dense_graph_of_types_has_a_schema_of_bounded_size()
    {
        // Twelve types, each with a property of every other: without a bound, 12!/4! expansions.
        var types = string.Concat(Enumerable.Range(0, 12).Select(i => $"public sealed class T{i} {{ {string.Concat(Enumerable.Range(0, 12).Select(j => $"public T{j}? P{j} {{ get; set; }} "))} }}\n"));

        Assert.InRange(Schema("T0", types).Length, 1_000, 400_000);
    }

    [Fact]
    public void Names_follow_the_options_of_the_context_as_they_are_without_a_policy_and_the_web_without_options()
    {
        Assert.Contains("\"OrderId2URL\":", InContext("[JsonSourceGenerationOptions(WriteIndented = true)]"), StringComparison.Ordinal);
        Assert.Contains("\"OrderId2URL\":", InContext("[JsonSourceGenerationOptions(JsonSerializerDefaults.General)]"), StringComparison.Ordinal);
        Assert.Contains("\"order_id2_url\":", InContext("[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]"), StringComparison.Ordinal);
        Assert.Contains("\"ORDER-ID2-URL\":", InContext("[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.KebabCaseUpper)]"), StringComparison.Ordinal);
        Assert.Contains("\"orderId2URL\":", InContext("[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]"), StringComparison.Ordinal);
        Assert.Contains("\"orderId2URL\":", InContext("[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]"), StringComparison.Ordinal);
        Assert.Contains("\"orderId2URL\":", InContext(""), StringComparison.Ordinal);
    }

    [Fact]
    public void The_context_may_include_fields_and_write_enums_as_names()
    {
        var schema = InContext("[JsonSourceGenerationOptions(IncludeFields = true, UseStringEnumConverter = true)]");

        Assert.Contains("\"Field\":{\"type\":\"integer\"", schema, StringComparison.Ordinal);
        Assert.Contains("\"enum\":[\"Red\"]", schema, StringComparison.Ordinal);
    }

    [Fact]
    public void The_context_may_require_the_parameters_of_constructors()
    {
        Assert.DoesNotContain("required", InContext("[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]"), StringComparison.Ordinal);
        Assert.EndsWith(
            "\"required\":[\"orderId2URL\",\"colour\"]}",
            InContext("[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, RespectRequiredConstructorParameters = true)]"),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sealed record Ask(string A, int B = 3, string? C = null);", "a")]
    [InlineData("sealed class Ask { public Ask() { } public Ask(string a) => A = a; public string A { get; set; } = \"\"; }", "")]
    [InlineData("sealed class Ask { public Ask(int b) { } [JsonConstructor] public Ask(string a) => A = a; public string A { get; } }", "a")]
    [InlineData("record struct Ask(string A);", "")]
    [InlineData("abstract record Basis(string A); public sealed record Ask(string A, string B) : Basis(A);", "a,b")]
    public void The_required_parameters_are_those_of_the_constructor_the_serializer_uses(string type, string required)
    {
        var schema = SchemaOf($$"""
            [MicroService("c", Json = typeof(TestJson)), Allow(Callers.Anyone)] public interface IContract { Task PutAsync(Ask ask); }
            public {{type}}
            {{Context("[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, RespectRequiredConstructorParameters = true)]")}}
            """);
        var found = JsonDocument.Parse(schema).RootElement.TryGetProperty("required", out var names) ? names.EnumerateArray().Select(name => name.GetString()) : [];
        Assert.Equal(required, string.Join(",", found));
    }

    [Fact]
    public void Names_are_those_the_serializer_writes()
    {
        string[] names = ["Text", "URLPath", "ID", "Id2Url", "aB", "X", "XY", "XYz", "A1B2", "_Under", "HTTP2Server", "IOStream3D"];
        var policies = new (string Name, JsonNamingPolicy Policy)[]
        {
            ("CamelCase", JsonNamingPolicy.CamelCase), ("SnakeCaseLower", JsonNamingPolicy.SnakeCaseLower), ("SnakeCaseUpper", JsonNamingPolicy.SnakeCaseUpper),
            ("KebabCaseLower", JsonNamingPolicy.KebabCaseLower), ("KebabCaseUpper", JsonNamingPolicy.KebabCaseUpper),
        };
        for (var i = 0; i < policies.Length; i++)
        {
            var ours = names.Select(name => Reading.JsonNaming.Apply(i + 1, name));
            Assert.Equal(names.Select(policies[i].Policy.ConvertName), ours);
        }
    }

    [Fact]
    public void Protobuf_messages_show_their_fields_as_protobuf_json_does() => Assert.Equal(
        """{"title":"Proto","type":"object","properties":{"orderId":{"type":"string"},"count":{"type":"string","format":"int64"},"payload":{"type":"string","contentEncoding":"base64"},"state":{"title":"State","type":"string","enum":["STATE_OPEN"]},"tags":{"type":"array","items":{"type":"string"}},"inner":{"title":"Proto","type":"object"},"hasty":{"type":"boolean"}}}""",
        Schema("Proto", """
            public sealed class Proto : Google.Protobuf.IMessage
            {
                public static object Parser => ""; public static object Descriptor => "";
                public string OrderId { get; set; } = ""; public bool HasOrderId => true; public long Count { get; set; }
                public Google.Protobuf.ByteString Payload { get; set; } = new(); public State State { get; set; }
                public List<string> Tags { get; } = []; public Proto Inner { get; set; } = null!; public bool Hasty { get; set; } public ChoiceOneofCase ChoiceCase => default;
                public enum ChoiceOneofCase { None }
            }
            public enum State { [Google.Protobuf.Reflection.OriginalName("STATE_OPEN")] Open }
            namespace Google.Protobuf { public interface IMessage; public sealed class ByteString; }
            namespace Google.Protobuf.Reflection { public sealed class OriginalNameAttribute(string name) : Attribute { public string Name => name; } }
            """));

    private static string InContext(string options) => SchemaOf($$"""
        [MicroService("c", Json = typeof(TestJson)), Allow(Callers.Anyone)] public interface IContract { Task PutAsync(Ask ask); }
        public sealed record Ask(string OrderId2URL, Colour Colour) { public int Field; }
        public enum Colour { Red }
        {{Context(options)}}
        """);

    private static string Context(string options) => $$"""
        {{options}}
        [JsonSerializable(typeof(Ask))]
        internal sealed class TestJson() : JsonSerializerContext(null)
        {
            public static TestJson Default { get; } = new();
            protected override JsonSerializerOptions? GeneratedSerializerOptions => null;
            public override JsonTypeInfo? GetTypeInfo(Type type) => null;
        }
        """;

    private static List<JsonProperty> Properties(string type, string types) =>
        [.. JsonDocument.Parse(Schema(type, types)).RootElement.GetProperty("properties").EnumerateObject()];

    private static string Schema(string type, string types = "") =>
        SchemaOf($"[MicroService(\"c\"), Allow(Callers.Anyone)] public interface IContract {{ Task PutAsync({type} ask); }}\n{types}");

    private static string SchemaOf(string source)
    {
        var generated = Generated.From(source);
        Assert.Empty(generated.Findings.Select(one => one.ToString()));
        var schema = generated.Load().Methods[0].Description.RequestSchema;
        using var parsed = JsonDocument.Parse(schema);
        return schema;
    }
}
