using Micro.Cli.Terminal;
using Micro.Cli.Tests.Support;

namespace Micro.Cli.Tests.Commands;

public sealed class ServicesCommandTests(GreeterHost host)
{
    [Fact]
    public async Task Programs_get_services_instances_versions_and_addresses()
    {
        var list = (await Tool.RunAsync("services", "--json", "--home", host.Home)).Expect(ExitCodes.Ok).Document;

        Assert.Contains(host.Home, list.GetProperty("registry").GetString());
        var service = Assert.Single(list.GetProperty("services").EnumerateArray());
        Assert.Equal("greeter", service.GetProperty("name").GetString());
        var instance = Assert.Single(service.GetProperty("instances").EnumerateArray());
        Assert.Equal(host.Instance.Id, instance.GetProperty("id").GetString());
        Assert.Equal("1.2.3", instance.GetProperty("version").GetString());
        Assert.Equal(host.Instance.Addresses.Select(address => address.ToString()), instance.GetProperty("addresses").EnumerateArray().Select(address => address.GetString()!));
    }

    [Fact]
    public async Task People_get_a_table_with_a_row_in_one_line_and_no_colours()
    {
        var run = (await Tool.RunAsync("services", "--home", host.Home)).Expect(ExitCodes.Ok);

        var row = Assert.Single(run.Output.Split('\n'), line => line.StartsWith("greeter ", StringComparison.Ordinal));
        Assert.Equal(["greeter", "1", host.Instance.Id, "1.2.3", .. host.Instance.Addresses.Select(address => address.ToString())], row.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("1 service, 1 instance in sqlite", run.Output);
        Assert.DoesNotContain('\u001b', run.Output);
    }

    [Fact]
    public async Task A_terminal_gets_colours()
    {
        using var output = new StringWriter();
        using var console = new ToolConsole(TextReader.Null, output, TextWriter.Null, isStyled: true, width: 200);

        Assert.Equal(ExitCodes.Ok, await MicroTool.RunAsync(["services", "--home", host.Home], console, TestContext.Current.CancellationToken));

        Assert.Contains("\u001b[32mgreeter", output.ToString());
    }

    [Fact]
    public async Task An_empty_registry_is_an_answer()
    {
        using var home = new TemporaryFolder();

        Assert.StartsWith("No service is registered in sqlite", (await Tool.RunAsync("services", "--home", home.Path)).Expect(ExitCodes.Ok).Output);
        Assert.Empty((await Tool.RunAsync("services", "--json", "--home", home.Path)).Expect(ExitCodes.Ok).Document.GetProperty("services").EnumerateArray());
    }

    [Fact]
    public async Task A_registry_that_cannot_be_read_ends_with_3_and_its_name()
    {
        using var home = new TemporaryFolder();
        var file = Path.Combine(home.Path, "live.db");
        await File.WriteAllTextAsync(file, new string('x', 8192), TestContext.Current.CancellationToken);

        var run = (await Tool.RunAsync("services", "--home", home.Path)).Expect(ExitCodes.Discovery);

        Assert.Contains(file, run.Error);
        Assert.DoesNotContain("   at ", run.Error);
        var failure = (await Tool.RunAsync("services", "--json", "--home", home.Path)).Expect(ExitCodes.Discovery).Failure;
        Assert.Equal("discovery", failure.GetProperty("error").GetString());
    }
}
