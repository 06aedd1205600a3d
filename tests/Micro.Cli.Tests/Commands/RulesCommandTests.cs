using Micro.Cli.Tests.Support;

namespace Micro.Cli.Tests.Commands;

public sealed class RulesCommandTests(VaultHost host) : IClassFixture<VaultHost>
{
    [Fact]
    public async Task A_running_service_follows_what_is_added_and_removed()
    {
        (await host.RunAsync("call", "vault", "Open", "--as", "robot")).Expect(ExitCodes.CallFailed);

        var added = await host.RunAsync("auth", "rules", "add", "robots", "allow", "--caller", "robot", "--name", "vault.Vault", "--operation", "Op*", "--file", host.Rules, "--json");
        Assert.Equal("robots", added.Expect(ExitCodes.Ok).Document.GetProperty("rules")[0].GetProperty("id").GetString());
        await UntilAsync(ExitCodes.Ok);

        (await host.RunAsync("auth", "rules", "remove", "robots", "--file", host.Rules)).Expect(ExitCodes.Ok);
        await UntilAsync(ExitCodes.CallFailed);
    }

    [Fact]
    public async Task Rules_of_the_file_and_of_the_contracts_are_listed_apart()
    {
        var list = (await host.RunAsync("auth", "rules", "list", "vault", "--file", host.Rules, "--json")).Expect(ExitCodes.Ok).Document;

        Assert.Contains("no-guests", list.GetProperty("rules").EnumerateArray().Select(rule => rule.GetProperty("id").GetString()));
        Assert.Equal(["vault.Vault/Open", "vault.Vault/Audit"], list.GetProperty("methods").EnumerateArray().Select(method => method.GetProperty("path").GetString()!));
        Assert.Equal("vault.audit", list.GetProperty("methods")[1].GetProperty("rules")[0].GetProperty("scope").GetString());

        var text = (await host.RunAsync("auth", "rules", "list", "vault", "--file", host.Rules)).Expect(ExitCodes.Ok).Output;
        Assert.Matches("no-guests +deny +5 +guest", text);
        Assert.Matches(@"vault.Vault/Open#1 +allow +0 +teller", text);
    }

    [Fact]
    public async Task What_would_not_be_taken_by_services_is_not_written()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "rules.json");
        (await host.RunAsync("auth", "rules", "add", "one", "deny", "--scope", "", "--file", file)).Expect(ExitCodes.Ok);
        var before = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);

        Assert.Contains("Caller", (await host.RunAsync("auth", "rules", "add", "two", "deny", "--caller", "a b", "--file", file)).Expect(ExitCodes.Usage).Error);
        (await host.RunAsync("auth", "rules", "add", "one", "deny", "--file", file)).Expect(ExitCodes.CallFailed);
        (await host.RunAsync("auth", "rules", "remove", "two", "--file", file)).Expect(ExitCodes.CallFailed);
        Assert.Equal(before, await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));

        Assert.Contains("It was the last", (await host.RunAsync("auth", "rules", "remove", "one", "--file", file)).Expect(ExitCodes.Ok).Error);
        Assert.Empty((await host.RunAsync("auth", "rules", "--file", file, "--json")).Expect(ExitCodes.Ok).Document.GetProperty("rules").EnumerateArray());
        await File.WriteAllTextAsync(file, "{", TestContext.Current.CancellationToken);
        (await host.RunAsync("auth", "rules", "--file", file)).Expect(ExitCodes.Usage);
    }

    [Fact]
    public async Task Nothing_is_lost_when_many_edit_at_once()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "rules.json");

        var runs = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => host.RunAsync("auth", "rules", "add", $"r{i}", "deny", "--file", file))));

        Assert.All(runs, run => run.Expect(ExitCodes.Ok));
        Assert.Equal(20, (await host.RunAsync("auth", "rules", "--file", file, "--json")).Document.GetProperty("rules").GetArrayLength());
    }

    private async Task UntilAsync(int exitCode)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Tool.Patience);
        while ((await host.RunAsync("call", "vault", "Open", "--as", "robot")).ExitCode != exitCode)
        {
            await Task.Delay(50, limit.Token);
        }
    }
}
