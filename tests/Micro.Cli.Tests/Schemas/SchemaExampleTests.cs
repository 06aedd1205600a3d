using System.Text.Json;
using CsCheck;
using Micro.Cli.Schemas;

namespace Micro.Cli.Tests.Schemas;

public sealed class SchemaExampleTests
{
    /// <summary>Schemas as the generator writes them, nested up to three deep.</summary>
    private static readonly Gen<string> Schemas = Nested(3);

    [Theory]
    [InlineData("""{"type":"object","properties":{"name":{"type":"string"},"count":{"type":"integer"},"on":{"type":"boolean"}}}""", """{"name":"name","count":1,"on":true}""")]
    [InlineData("""{"type":"string"}""", "\"text\"")]
    [InlineData("""{"type":"string","maxLength":1,"format":"char"}""", "\"t\"")]
    [InlineData("""{"type":["string","null"]}""", "\"text\"")]
    [InlineData("""{"type":["string","null"],"enum":[null,"Open"]}""", "\"Open\"")]
    [InlineData("""{"type":"object","additionalProperties":{"type":"number"}}""", """{"key":1}""")]
    [InlineData("""{"type":"object","properties":{"next":{"title":"Node","type":["object","null"]}}}""", """{"next":null}""")]
    [InlineData("""{"type":"object","properties":{"children":{"type":"array","items":{"title":"Node","type":"object"}}}}""", """{"children":[]}""")]
    [InlineData("""{"title":"NoMessage","type":"object"}""", "{}")]
    [InlineData("{}", "null")]
    public void Examples_have_every_member(string schema, string expected) => Assert.Equal(expected, SchemaExample.Write(JsonElement.Parse(schema)));

    [Theory]
    [InlineData("uuid", typeof(Guid))]
    [InlineData("date-time", typeof(DateTimeOffset))]
    [InlineData("date", typeof(DateOnly))]
    [InlineData("time", typeof(TimeOnly))]
    [InlineData("time-span", typeof(TimeSpan))]
    [InlineData("uri-reference", typeof(Uri))]
    public void Formats_are_those_the_serializer_reads(string format, Type type) =>
        Assert.NotNull(JsonSerializer.Deserialize(SchemaExample.Write(JsonElement.Parse($$"""{"type":"string","format":"{{format}}"}""")), type));

    [Fact]
    public void An_example_fits_its_schema() => Schemas.Sample(schema =>
    {
        var parsed = JsonElement.Parse(schema);
        return Fits(JsonElement.Parse(SchemaExample.Write(parsed)), parsed);
    });

    [Fact]
    public void The_check_of_these_tests_sees_what_does_not_fit()
    {
        var schema = JsonElement.Parse("""{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]}""");
        Assert.True(Fits(JsonElement.Parse("""{"a":1}"""), schema));
        Assert.False(Fits(JsonElement.Parse("""{"a":"1"}"""), schema));
        Assert.False(Fits(JsonElement.Parse("{}"), schema));
        Assert.False(Fits(JsonElement.Parse("[]"), schema));
    }

    private static Gen<string> Nested(int depth)
    {
        string[] leaves =
        [
            """{"type":"string"}""",
            """{"type":"string","format":"uuid"}""",
            """{"type":"string","maxLength":1}""",
            """{"type":"integer","format":"int64"}""",
            """{"type":["number","null"]}""",
            """{"type":"boolean"}""",
            """{"type":"string","enum":["A","B"]}""",
            """{"type":["integer","null"],"enum":[3,4,null]}""",
            """{"title":"Cut","type":["object","null"]}""",
            """{"title":"Cut","type":"object"}""",
            """{"title":"Anything"}""",
        ];
        var leaf = Gen.Int[0, leaves.Length - 1].Select(i => leaves[i]);
        if (depth == 0)
        {
            return leaf;
        }

        var inner = Nested(depth - 1);
        var type = Gen.Bool.Select(nullable => nullable ? "[\"{0}\",\"null\"]" : "\"{0}\"");
        return Gen.Frequency(
            (2, leaf),
            (1, Gen.Select(inner, type, (items, of) => $$"""{"type":{{string.Format(of, "array")}},"items":{{items}}}""")),
            (1, Gen.Select(inner, type, (values, of) => $$"""{"type":{{string.Format(of, "object")}},"additionalProperties":{{values}}}""")),
            (3, Gen.Select(inner.Array[0, 4], type, (members, of) =>
                $$"""{"type":{{string.Format(of, "object")}},"properties":{{{string.Join(",", members.Select((member, i) => $"\"m{i}\":{member}"))}}},"required":[{{string.Join(",", members.Select((_, i) => $"\"m{i}\"").Take(2))}}]}""")));
    }

    private static bool Fits(JsonElement value, JsonElement schema)
    {
        if (schema.TryGetProperty("enum", out var values) && !values.EnumerateArray().Any(one => JsonElement.DeepEquals(one, value)))
        {
            return false;
        }

        if (schema.TryGetProperty("maxLength", out var most) && value.ValueKind == JsonValueKind.String && value.GetString()!.Length > most.GetInt32())
        {
            return false;
        }

        return FitsType(value, schema) && FitsMembers(value, schema);
    }

    private static bool FitsType(JsonElement value, JsonElement schema)
    {
        if (!schema.TryGetProperty("type", out var type))
        {
            return true;
        }

        var types = type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(one => one.GetString()).ToArray() : [type.GetString()];
        return value.ValueKind switch
        {
            JsonValueKind.Object => types.Contains("object"),
            JsonValueKind.Array => types.Contains("array"),
            JsonValueKind.String => types.Contains("string"),
            JsonValueKind.Number => types.Contains("number") || types.Contains("integer"),
            JsonValueKind.Null => types.Contains("null"),
            _ => types.Contains("boolean"),
        };
    }

    private static bool FitsMembers(JsonElement value, JsonElement schema)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            return value.EnumerateArray().All(item => Fits(item, schema.GetProperty("items")));
        }

        if (value.ValueKind != JsonValueKind.Object)
        {
            return true;
        }

        var required = schema.TryGetProperty("required", out var names) ? names.EnumerateArray().Select(name => name.GetString()!) : [];
        return required.All(name => value.TryGetProperty(name, out _))
            && value.EnumerateObject().All(member => Fits(
                member.Value,
                schema.TryGetProperty("properties", out var properties) && properties.TryGetProperty(member.Name, out var property) ? property : schema.GetProperty("additionalProperties")));
    }
}
