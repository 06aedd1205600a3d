using System.Text.Json;

namespace Micro.EndToEnd.Tests.Samples;

/// <summary>The samples do what their READMEs say.</summary>
[Collection(AloneCollection.Name)]
public sealed class SampleTests : IDisposable
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(3);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("micro-samples-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Home => Path.Combine(_folder.FullName, "home");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Greeter_shows_the_four_kinds_of_call()
    {
        await using var server = new SampleProcess("01-Greeter/Greeter", Home, "server");
        await server.WaitForAsync("greeter is registered as", Token);
        await using var client = new SampleProcess("01-Greeter/Greeter", Home, "client", "Ada");
        Assert.Equal(0, await client.ExitAsync(Short, Token));
        Assert.Equal(
            [
                "Hello, Ada!", "  3 ...", "  2 ...", "  1 ...", "  0 ...", "3 guests, the longest name is Barbara", "You said \"Nice to meet you\".", "You said \"Goodbye\".",
                "As it should, this fails with InvalidArgument: No 'tlh' is spoken here; try en, de or fr.",
            ],
            client.Lines);
    }

    [Fact]
    public async Task Greeter_names_the_service_and_the_registry_when_there_is_no_server()
    {
        await using var client = new SampleProcess("01-Greeter/Greeter", Home, "client");
        Assert.Equal(1, await client.ExitAsync(Short, Token));
        Assert.Contains(client.Lines, line => line.Contains("'greeter'", StringComparison.Ordinal) && line.Contains(Path.Combine(Home, "live.db"), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Chat_carries_what_is_said_both_ways_and_tells_of_those_who_went_without_a_word()
    {
        await using var server = new SampleProcess("02-Chat/Chat", Home, "server");
        await server.WaitForAsync("chat is registered as", Token);
        await using var ann = new SampleProcess("02-Chat/Chat", Home, "join", "ann");
        await ann.WaitForAsync("* ann came", Token);
        await using var bob = new SampleProcess("02-Chat/Chat", Home, "join", "bob");
        await ann.WaitForAsync("* bob came", Token);

        await ann.Input.WriteLineAsync("hello bob");
        await bob.WaitForAsync("ann: hello bob", Token);
        await bob.Input.WriteLineAsync("hi ann\n/who");
        await ann.WaitForAsync("bob: hi ann", Token);
        await bob.WaitForAsync("* here: ann, bob", Token);

        bob.Kill();
        await ann.WaitForAsync("* bob went", Token);
        ann.Input.Close();
        Assert.Equal(0, await ann.ExitAsync(Short, Token));
    }

    [Fact]
    public async Task Zero_trust_lets_in_whom_the_rules_allow_and_nobody_else()
    {
        await using var server = new SampleProcess("07-ZeroTrust/ZeroTrust", Home, "server");
        await server.WaitForAsync("vault is registered as", Token);
        await using var attempts = new SampleProcess("07-ZeroTrust/ZeroTrust", Home, "try");
        var code = await attempts.ExitAsync(Short, Token);
        Assert.True(code == 0, string.Join('\n', [.. attempts.Lines, .. server.Lines]));
        Assert.Equal("All is as it should be.", attempts.Lines[^1]);
        Assert.Equal(
            [
                "allowed: account 7 holds 120.00",
                "PermissionDenied: The call is not allowed.",
                "PermissionDenied: The call is not allowed.",
                "PermissionDenied: The call is not allowed.",
                "allowed: accounts looked at: 1; told to ann through auditor",
                "Unauthenticated: The token is not accepted.",
            ],
            attempts.Lines.Where(line => line.StartsWith("    ", StringComparison.Ordinal)).Take(6).Select(line => line.Trim()));
        Assert.Equal(9, attempts.Lines.Count(line => line.StartsWith("ok ", StringComparison.Ordinal)));
        Assert.Contains(server.Lines, line => line.Contains("Denied: spiffe://micro.local/default/stranger on call vault.Vault/Balance", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Zero_trust_says_what_is_missing_when_there_is_no_vault()
    {
        await using var attempts = new SampleProcess("07-ZeroTrust/ZeroTrust", Home, "try");
        Assert.Equal(1, await attempts.ExitAsync(Short, Token));
        Assert.Contains("There is no vault.", Assert.Single(attempts.Lines));
    }

    [Fact]
    public async Task Shop_loses_no_order_and_charges_none_twice_when_an_instance_is_killed_and_another_joins()
    {
        await using var shop = new SampleProcess("10-Shop/Launcher/Shop.Launcher", Home, "--once");
        var code = await shop.ExitAsync(Long, Token);
        Assert.True(code == 0, string.Join('\n', shop.Lines));
        var summary = JsonDocument.Parse(shop.Lines[^1]).RootElement;
        Assert.Equal(600, summary.GetProperty("orders").GetInt32());
        Assert.Equal(0, summary.GetProperty("failed").GetInt32());
        Assert.Equal(0, summary.GetProperty("duplicates").GetInt32());
        Assert.True(summary.GetProperty("p50_ms").GetDouble() is var p50 && p50 > 0 && p50 <= summary.GetProperty("p99_ms").GetDouble());
        Assert.Equal(4, summary.GetProperty("per_instance").EnumerateObject().Count(instance => instance.Value.GetInt32() > 0));
    }

    [Fact]
    public async Task Shop_leaves_no_process_behind_when_its_launcher_is_killed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Children are found in /proc.");
        await using var shop = new SampleProcess("10-Shop/Launcher/Shop.Launcher", Home, "--once");
        await shop.WaitForAsync("orders come in", Token);
        var children = ChildrenOf(shop.Id);
        Assert.Equal(9, children.Count);
        shop.Kill();
        await shop.ExitAsync(Short, Token);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(Short);
        while (children.Exists(pid => IsService(pid)))
        {
            await Task.Delay(50, limit.Token);
        }
    }

    private static List<int> ChildrenOf(int parent) =>
    [
        .. Directory.EnumerateDirectories("/proc")
            .Select(path => int.TryParse(Path.GetFileName(path), out var pid) ? pid : 0)
            .Where(pid => pid > 0 && IsService(pid) && Read($"/proc/{pid}/stat").Split(") ")[^1].Split(' ')[1] == $"{parent}"),
    ];

    private static bool IsService(int pid) => Read($"/proc/{pid}/cmdline").Contains("Shop.", StringComparison.Ordinal);

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return "";
        }
    }
}
