using System.Text.Json;
using Micro.Cli.Requests;
using Micro.Rpc;

namespace Micro.Cli.Tests.Requests;

public sealed class MethodFinderTests
{
    private static readonly JsonElement Any = JsonElement.Parse("{}");

    private readonly MethodFinder _finder = new("greeter", new ServiceDescription(
    [
        Contract("greeter.Greeter", "greeter", "Hello", "Ticks"),
        Contract("greeter.Polite", "greeter", "Hello", "Bow"),
        Contract("acme.v1.Greeter", "greeter", "Wave"),
        Contract("mailer.Mailer", "mailer", "Send"),
        Contract("micro.Reflection", "micro", "Describe"),
    ]));

    [Theory]
    [InlineData("Ticks", "greeter.Greeter", "Ticks")]
    [InlineData("Polite.Hello", "greeter.Polite", "Hello")]
    [InlineData("Polite/Hello", "greeter.Polite", "Hello")]
    [InlineData("greeter.Greeter/Hello", "greeter.Greeter", "Hello")]
    [InlineData("/greeter.Greeter/Hello", "greeter.Greeter", "Hello")]
    [InlineData("v1.Greeter.Wave", "acme.v1.Greeter", "Wave")]
    [InlineData("Greeter.Wave", "acme.v1.Greeter", "Wave")]
    [InlineData("micro.Reflection/Describe", "micro.Reflection", "Describe")]
    public void A_method_is_found_by_any_end_of_its_path(string text, string contract, string method)
    {
        var found = _finder.Find(text);

        Assert.Equal((contract, method), (found.Contract.Name, found.Method.Name));
    }

    [Fact]
    public void Several_candidates_are_listed()
    {
        var failure = Assert.Throws<ToolException>(() => _finder.Find("Hello"));

        Assert.Equal(ExitCodes.Usage, failure.ExitCode);
        Assert.Contains("greeter.Greeter/Hello, greeter.Polite/Hello", failure.Message);
    }

    [Theory]
    [InlineData("Nope")]
    [InlineData("ello")]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("Send")]
    [InlineData("Describe")]
    public void An_unknown_method_is_answered_with_those_there_are(string text)
    {
        var failure = Assert.Throws<ToolException>(() => _finder.Find(text));

        Assert.Equal(ExitCodes.Usage, failure.ExitCode);
        Assert.Contains("greeter.Greeter/Hello, greeter.Greeter/Ticks, greeter.Polite/Hello, greeter.Polite/Bow, acme.v1.Greeter/Wave.", failure.Message);
    }

    [Theory]
    [InlineData("bow")]
    [InlineData("BowAsync")]
    [InlineData("polite/bow")]
    public void A_near_miss_gets_a_hint(string text) =>
        Assert.Contains("Did you mean Bow?", Assert.Throws<ToolException>(() => _finder.Find(text)).Message);

    [Fact]
    public void The_shortest_text_finds_the_method_again()
    {
        foreach (var contract in _finder.Contracts)
        {
            foreach (var method in contract.Methods)
            {
                Assert.Equal((contract, method), _finder.Find(_finder.Shortest(contract, method)));
            }
        }

        Assert.Equal("Bow", _finder.Shortest(_finder.Contracts[1], _finder.Contracts[1].Methods[1]));
        Assert.Equal("Polite.Hello", _finder.Shortest(_finder.Contracts[1], _finder.Contracts[1].Methods[0]));
    }

    private static ContractDescription Contract(string name, string service, params string[] methods) => new(
        name, service, [.. methods.Select(method => new DescribedMethod(method, CallKind.Unary, false, null, Any, Any, []))]);
}
