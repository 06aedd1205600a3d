using Micro.Cli.Tests.Support;

namespace Micro.Cli.Tests.Commands;

/// <summary>What is wrong with a command line is said before anything is asked: none of these needs a service.</summary>
public sealed class CommandLineTests
{
    [Theory]
    [InlineData("nonsense")]
    [InlineData("services", "extra")]
    [InlineData("services", "--nonsense")]
    [InlineData("describe")]
    [InlineData("describe", "a b")]
    [InlineData("describe", "greeter", "--address", "127.0.0.1:5001")]
    [InlineData("describe", "greeter", "--address", "localhost:5001")]
    [InlineData("describe", "greeter", "--address", "grpc+insecure://127.0.0.1")]
    [InlineData("describe", "greeter", "--address", "grpc+insecure://0.0.0.0:5001")]
    [InlineData("call", "greeter")]
    [InlineData("call", "greeter", "Hello", "{}", "--timeout", "5")]
    [InlineData("call", "greeter", "Hello", "{}", "--header", "tenant")]
    [InlineData("call", "greeter", "Hello", "{}", "--header", "grpc-timeout=1S")]
    [InlineData("call", "greeter", "Hello", "{name}")]
    [InlineData("call", "greeter", "Hello", "@/does/not/exist")]
    [InlineData("services", "--registry", "nonsense")]
    [InlineData("services", "--registry", "dns")]
    public async Task A_wrong_command_line_ends_with_2(params string[] args)
    {
        var run = (await Tool.RunAsync(args)).Expect(ExitCodes.Usage);

        Assert.Empty(run.Output);
        Assert.StartsWith("error: ", run.Error);
        Assert.DoesNotContain("   at ", run.Error);

        var failure = (await Tool.RunAsync([.. args, "--json"])).Expect(ExitCodes.Usage).Failure;
        Assert.Equal("usage", failure.GetProperty("error").GetString());
        Assert.NotEmpty(failure.GetProperty("message").GetString()!);
    }

    [Fact]
    public async Task No_command_shows_the_help_where_errors_go()
    {
        var run = (await Tool.RunAsync()).Expect(ExitCodes.Usage);

        Assert.Empty(run.Output);
        Assert.Contains("describe <NAME>", run.Error);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("call", "--help")]
    public async Task Help_is_an_answer(params string[] args)
    {
        var run = (await Tool.RunAsync(args)).Expect(ExitCodes.Ok);

        Assert.Contains("--registry", run.Output);
        Assert.Empty(run.Error);
    }

    [Fact]
    public async Task An_unknown_registry_is_answered_with_those_there_are() =>
        Assert.Contains("memory, static, dns, sqlite", (await Tool.RunAsync("services", "--registry", "nonsense")).Error);
}
