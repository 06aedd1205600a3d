using System.Text.Json;
using Micro.Cli.Schemas;

namespace Micro.Cli.Tests.Schemas;

public sealed class TypeTextTests
{
    [Theory]
    [InlineData("""{"type":"string"}""", "string")]
    [InlineData("""{"type":["string","null"]}""", "string | null")]
    [InlineData("""{"type":"integer","format":"int32"}""", "integer")]
    [InlineData("""{"type":"string","format":"uuid"}""", "uuid")]
    [InlineData("""{"type":"string","contentEncoding":"base64"}""", "base64")]
    [InlineData("""{"type":"array","items":{"type":"string"}}""", "string[]")]
    [InlineData("""{"type":"array","items":{"type":["string","null"]}}""", "(string | null)[]")]
    [InlineData("""{"type":"object","additionalProperties":{"type":"number"}}""", "{ [key]: number }")]
    [InlineData("""{"title":"State","type":"string","enum":["Open","Closed"]}""", "\"Open\" | \"Closed\"")]
    [InlineData("""{"type":"array","items":{"type":"string","enum":["Open","Closed"]}}""", "(\"Open\" | \"Closed\")[]")]
    [InlineData("""{"type":["string","null"],"enum":["Open",null]}""", "\"Open\" | null")]
    [InlineData("""{"type":"integer","enum":[0,1],"description":"0 Open, 1 Closed"}""", "integer (0 Open, 1 Closed)")]
    [InlineData("""{"type":"object"}""", "{}")]
    [InlineData("""{"title":"JsonElement"}""", "JsonElement")]
    [InlineData("{}", "any")]
    [InlineData("true", "any")]
    public void Every_keyword_has_its_text(string schema, string expected) => Assert.Equal(expected, Write(schema));

    [Fact]
    public void Members_that_may_be_left_out_have_a_question_mark() => Assert.Equal(
        "{ name: string, count?: integer }",
        Write("""{"type":"object","properties":{"name":{"type":"string"},"count":{"type":"integer"}},"required":["name"]}"""));

    [Fact]
    public void Names_that_are_no_words_are_quoted() => Assert.Equal(
        """{ "a b"?: string, "c\u001B"?: string }""", Write("""{"type":"object","properties":{"a b":{"type":"string"},"c\u001b":{"type":"string"}}}"""));

    [Fact]
    public void What_does_not_fit_a_line_takes_a_line_for_each_member() => Assert.Equal(
        """
        {
          id?: string,
          lines?: {
            sku?: string,
            count?: integer
          }[]
        }
        """,
        Write("""{"type":"object","properties":{"id":{"type":"string"},"lines":{"type":"array","items":{"type":"object","properties":{"sku":{"type":"string"},"count":{"type":"integer"}}}}}}""", width: 30));

    [Fact]
    public void Text_of_a_service_cannot_steer_the_terminal() => Assert.Equal("\uFFFD[31mred", Write("""{"title":"\u001b[31mred"}"""));

    private static string Write(string schema, int width = int.MaxValue) => TypeText.Write(JsonElement.Parse(schema), width);
}
