using System.Diagnostics;
using System.Text.Json;
using Micro.Cli.Tests.Support;

namespace Micro.Cli.Tests.Commands;

public sealed class DescribeCommandTests(GreeterHost host)
{
    [Fact]
    public async Task Programs_get_contracts_methods_schemas_and_a_request_to_begin_with()
    {
        var description = (await Tool.RunAsync("describe", "greeter", "--json", "--home", host.Home)).Expect(ExitCodes.Ok).Document;

        Assert.Equal("greeter", description.GetProperty("service").GetString());
        Assert.Equal(["greeter.Greeter", "greeter.Polite"], description.GetProperty("contracts").EnumerateArray().Select(contract => contract.GetProperty("name").GetString()!));
        var methods = description.GetProperty("contracts")[0].GetProperty("methods").EnumerateArray().ToArray();
        Assert.Equal(
            ["Hello unary True", "Echo unary False", "Count serverStream False", "Sum clientStream False", "Chat duplex False", "Fail unary False", "Wait unary False"],
            methods.Select(method => $"{method.GetProperty("name")} {method.GetProperty("kind")} {method.GetProperty("idempotent")}"));
        var hello = methods[0];
        Assert.Equal("/greeter.Greeter/Hello", hello.GetProperty("path").GetString());
        Assert.Equal("Greets one person.", hello.GetProperty("summary").GetString());
        Assert.Equal("string", hello.GetProperty("request").GetProperty("properties").GetProperty("name").GetProperty("type").GetString());
        Assert.Contains("application/json", hello.GetProperty("contentTypes").EnumerateArray().Select(type => type.GetString()));
        Assert.Equal("""{"name":"name","times":1}""", JsonSerializer.Serialize(hello.GetProperty("example")));
        Assert.Equal($$"""micro call greeter Greeter.Hello '{"name":"name","times":1}' --home {{host.Home}}""", hello.GetProperty("command").GetString());
    }

    [Fact]
    public async Task People_get_types_they_can_read()
    {
        var run = (await Tool.RunAsync("describe", "greeter", "--home", host.Home)).Expect(ExitCodes.Ok);
        Assert.Contains(
            $$"""
            greeter.Greeter

              Hello  unary, idempotent
                Greets one person.
                request   { name?: string, times?: integer }
                response  { text?: string }
                types     application/json, application/x-www-form-urlencoded
                try       micro call greeter Greeter.Hello '{"name":"name","times":1}' --home {{host.Home}}

            """,
            run.Output);
        Assert.Contains("  Count  server stream\n", run.Output);
        Assert.Contains("    request   stream of { number?: integer }\n    response  { total?: integer, count?: integer }\n", run.Output);
        Assert.Contains("\ngreeter.Polite\n", run.Output);
        Assert.DoesNotContain("micro.Reflection", run.Output);
        Assert.DoesNotContain('\u001b', run.Output);
    }

    [Fact]
    public async Task The_command_of_each_method_works_as_it_is_printed()
    {
        var description = (await Tool.RunAsync("describe", "greeter", "--json", "--home", host.Home)).Expect(ExitCodes.Ok).Document;
        foreach (var method in description.GetProperty("contracts").EnumerateArray().SelectMany(contract => contract.GetProperty("methods").EnumerateArray()))
        {
            if (method.GetProperty("name").GetString() is "Wait" or "Fail")
            {
                continue;
            }

            var run = await Tool.RunAsync([.. await WordsAsync(method.GetProperty("command").GetString()!), "--json"]);
            Assert.NotEmpty(run.Expect(ExitCodes.Ok).Documents);
        }
    }

    [Fact]
    public async Task An_address_is_asked_without_the_registry()
    {
        foreach (var address in host.Instance.Addresses)
        {
            var description = (await Tool.RunAsync("describe", "greeter", "--json", "--home", host.Home, "--registry", "static", "--address", address.ToString())).Expect(ExitCodes.Ok).Document;
            Assert.Equal(2, description.GetProperty("contracts").GetArrayLength());
        }
    }

    [Fact]
    public async Task An_unknown_service_ends_with_3_and_names_service_and_registry()
    {
        var run = (await Tool.RunAsync("describe", "mailer", "--home", host.Home)).Expect(ExitCodes.Discovery);

        Assert.Contains("'mailer'", run.Error);
        Assert.Contains(Path.Combine(host.Home, "live.db"), run.Error);
        Assert.Contains("It knows: greeter.", run.Error);
    }

    [Fact]
    public async Task An_address_where_another_service_is_is_not_called_and_that_is_said()
    {
        var run = (await Tool.RunAsync("describe", "mailer", "--home", host.Home, "--address", host.Instance.Addresses[0].ToString())).Expect(ExitCodes.CallFailed);

        Assert.Contains("has to prove that it is 'mailer'", run.Error);
        Assert.Contains("not processed", run.Error);
    }

    /// <summary>Takes a command apart as a shell does.</summary>
    private static async Task<string[]> WordsAsync(string command)
    {
        using var shell = Process.Start(new ProcessStartInfo("sh") { ArgumentList = { "-c", $"micro() {{ printf '%s\\n' \"$@\"; }}; {command}" }, RedirectStandardOutput = true })!;
        var output = await shell.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
