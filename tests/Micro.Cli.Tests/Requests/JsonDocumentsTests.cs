using System.Text;
using System.Text.Json;
using CsCheck;
using Micro.Cli.Requests;

namespace Micro.Cli.Tests.Requests;

public sealed class JsonDocumentsTests
{
    [Theory]
    [InlineData("", new string[0])]
    [InlineData("  \n ", new string[0])]
    [InlineData("{}", new[] { "{}" })]
    [InlineData(" { \"a\": 1 } ", new[] { "{ \"a\": 1 }" })]
    [InlineData("{\"a\":1} {\"a\":2}\n3 \"x\"", new[] { "{\"a\":1}", "{\"a\":2}", "3", "\"x\"" })]
    [InlineData("\uFEFF[1]", new[] { "[1]" })]
    public void Documents_are_taken_apart_byte_for_byte(string text, string[] expected) => Assert.Equal(expected, Split(text));

    [Theory]
    [InlineData("{", 1)]
    [InlineData("{'a':1}", 1)]
    [InlineData("{}\n{\"a\":}", 2)]
    [InlineData("{},{}", 1)]
    [InlineData("// no\n{}", 1)]
    [InlineData("hello", 1)]
    public void What_is_not_JSON_is_refused_with_its_place(string text, int line)
    {
        var failure = Assert.Throws<ToolException>(() => Split(text));

        Assert.Equal(ExitCodes.Usage, failure.ExitCode);
        Assert.Contains($"The request is not JSON, at line {line}, byte", failure.Message);
        Assert.DoesNotContain("LineNumber", failure.Message);
    }

    [Fact]
    public void Nesting_deeper_than_servers_take_is_refused() =>
        Assert.Contains("depth", Assert.Throws<ToolException>(() => Split(new string('[', 65) + new string(']', 65))).Message);

    [Fact]
    public void Any_list_of_documents_comes_back_whole() => Gen.String.Array[0, 5].Sample(texts =>
    {
        var documents = texts.Select(text => JsonSerializer.Serialize(new[] { text })).ToArray();
        Assert.Equal(documents, Split(string.Join("\n", documents)));
    });

    private static string[] Split(string text) =>
        [.. JsonDocuments.Split(Encoding.UTF8.GetBytes(text), "The request").Select(document => Encoding.UTF8.GetString(document.Bytes.Span))];
}
