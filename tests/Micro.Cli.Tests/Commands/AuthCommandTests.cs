using Micro.Cli.Tests.Support;

namespace Micro.Cli.Tests.Commands;

public sealed class AuthCommandTests(VaultHost host) : IClassFixture<VaultHost>
{
    [Fact]
    public async Task Accounts_are_created_listed_given_a_new_secret_and_deleted()
    {
        var created = (await host.RunAsync("auth", "accounts", "create", "eve", "--scope", "a", "--scope", "b", "--type", "service")).Expect(ExitCodes.Ok);
        var secret = created.Output.TrimEnd('\n');
        Assert.Matches("^[A-Za-z0-9_-]{43}$", secret);
        Assert.DoesNotContain(secret, created.Error);

        var listed = (await host.RunAsync("auth", "accounts", "list", "--json")).Expect(ExitCodes.Ok);
        var account = listed.Document.GetProperty("accounts").EnumerateArray().Single(one => one.GetProperty("id").GetString() == "eve");
        Assert.Equal("service", account.GetProperty("type").GetString());
        Assert.Equal(["a", "b"], account.GetProperty("scopes").EnumerateArray().Select(scope => scope.GetString()!));
        Assert.False(account.TryGetProperty("secret", out _));
        Assert.Matches("eve +service +a b", (await host.RunAsync("auth", "accounts")).Expect(ExitCodes.Ok).Output);

        var changed = (await host.RunAsync("auth", "accounts", "secret", "eve", "--json")).Expect(ExitCodes.Ok).Document;
        Assert.NotEqual(secret, changed.GetProperty("secret").GetString());
        Assert.Contains("already", (await host.RunAsync("auth", "accounts", "create", "eve")).Expect(ExitCodes.CallFailed).Error);
        Assert.True((await host.RunAsync("auth", "accounts", "delete", "eve", "--json")).Expect(ExitCodes.Ok).Document.GetProperty("deleted").GetBoolean());
        Assert.Equal("notDone", (await host.RunAsync("auth", "accounts", "delete", "eve", "--json")).Expect(ExitCodes.CallFailed).Failure.GetProperty("error").GetString());
    }

    [Theory]
    [InlineData("auth", "accounts", "create", "a b")]
    [InlineData("auth", "accounts", "create", "x", "--scope", "*")]
    [InlineData("auth", "token", "nobody")]
    [InlineData("auth", "token", "nobody", "--audience", "vault", "--lifetime", "20h")]
    [InlineData("auth", "token", "nobody", "--audience", "vault", "--bound-to", "a b")]
    [InlineData("auth", "explain", "a b", "vault", "Open")]
    [InlineData("auth", "explain", "teller", "vault", "Close")]
    [InlineData("auth", "explain", "teller", "vault", "Open", "--rules", "/does/not/exist")]
    [InlineData("auth", "rules")]
    [InlineData("auth", "rules", "add", "r", "permit", "--file", "/tmp/none/rules.json")]
    public async Task What_cannot_be_meant_ends_with_2(params string[] args) => (await host.RunAsync(args)).Expect(ExitCodes.Usage);

    [Fact]
    public async Task A_denied_call_says_how_to_find_out_why_and_that_command_does()
    {
        var denied = (await host.RunAsync("call", "vault", "Open", "--json")).Expect(ExitCodes.CallFailed).Failure;
        Assert.Equal("PERMISSION_DENIED", denied.GetProperty("code").GetString());
        Assert.Contains("micro auth explain micro-cli vault vault.Vault/Open", denied.GetProperty("hint").GetString());

        var why = (await host.RunAsync("auth", "explain", "micro-cli", "vault", "vault.Vault/Open", "--json")).Expect(ExitCodes.Ok).Document;
        Assert.False(why.GetProperty("allowed").GetBoolean());
        Assert.False(why.TryGetProperty("rule", out _));
        Assert.Contains("No rule matches", why.GetProperty("reason").GetString());
        var considered = Assert.Single(why.GetProperty("rules").EnumerateArray());
        Assert.Equal("teller", considered.GetProperty("rule").GetProperty("caller").GetString());
        Assert.False(considered.GetProperty("matches").GetBoolean());

        Assert.Equal("open to teller", Text(await host.RunAsync("call", "vault", "Open", "--as", "teller", "--json")));
    }

    [Fact]
    public async Task Explaining_counts_scopes_and_the_file_and_names_the_rule_that_decides()
    {
        var audit = (await host.RunAsync("auth", "explain", "guest", "vault", "Audit", "--scope", "vault.audit", "--json")).Expect(ExitCodes.Ok).Document;
        Assert.True(audit.GetProperty("allowed").GetBoolean());

        var guest = (await host.RunAsync("auth", "explain", "guest", "vault", "Audit", "--scope", "vault.audit", "--rules", host.Rules, "--json")).Expect(ExitCodes.Ok).Document;
        Assert.False(guest.GetProperty("allowed").GetBoolean());
        Assert.Equal("no-guests", guest.GetProperty("rule").GetString());
        Assert.Equal(host.Rules, guest.GetProperty("rules")[0].GetProperty("source").GetString());

        var nobody = (await host.RunAsync("auth", "explain", "anonymous", "vault", "Open")).Expect(ExitCodes.Ok);
        Assert.StartsWith("denied: anonymous on vault.Vault/Open", nobody.Output);
        Assert.Contains("are not seen from outside", nobody.Output);
        Assert.Contains("yes, decides", (await host.RunAsync("auth", "explain", "teller", "vault", "Open")).Expect(ExitCodes.Ok).Output);
    }

    [Fact]
    public async Task A_token_opens_what_asks_for_its_scope_and_only_to_whom_it_is_bound()
    {
        (await host.RunAsync("auth", "accounts", "create", "ann", "--scope", "vault.audit")).Expect(ExitCodes.Ok);
        var issued = (await host.RunAsync("auth", "token", "ann", "--audience", "vault", "--lifetime", "5m", "--bound-to", "auditor", "--json")).Expect(ExitCodes.Ok).Document;
        Assert.Equal("spiffe://micro.local/default/vault", issued.GetProperty("audience").GetString());
        Assert.Equal("spiffe://micro.local/default/auditor", issued.GetProperty("boundTo").GetString());
        Assert.InRange(issued.GetProperty("expiresAt").GetDateTimeOffset() - DateTimeOffset.UtcNow, TimeSpan.FromMinutes(3), TimeSpan.FromMinutes(5));
        var token = issued.GetProperty("token").GetString()!;
        var file = Path.Combine(host.Home, "token");
        await File.WriteAllTextAsync(file, token + "\n", TestContext.Current.CancellationToken);

        (await host.RunAsync("call", "vault", "Audit", "--as", "auditor")).Expect(ExitCodes.CallFailed);
        Assert.Equal("told to ann through auditor", Text(await host.RunAsync("call", "vault", "Audit", "--as", "auditor", "--token", token, "--json")));
        Assert.Equal("told to ann through auditor", Text(await host.RunAsync("call", "vault", "Audit", "--as", "auditor", "--token", "@" + file, "--json")));

        var stolen = (await host.RunAsync("call", "vault", "Audit", "--as", "teller", "--token", "@" + file, "--json")).Expect(ExitCodes.CallFailed).Failure;
        Assert.Equal("UNAUTHENTICATED", stolen.GetProperty("code").GetString());
        Assert.Contains("be bound, if at all, to 'teller'", stolen.GetProperty("hint").GetString());
    }

    [Fact]
    public async Task TOK_5_A_token_is_never_sent_in_plaintext()
    {
        var run = (await host.RunAsync("call", "vault", "Audit", "--token", "abc", "--insecure")).Expect(ExitCodes.Usage);

        Assert.Contains("not sent in plaintext", run.Error);
        Assert.DoesNotContain("abc", run.Error);
    }

    [Fact]
    public async Task Another_home_is_another_authority_and_that_is_said()
    {
        using var elsewhere = new TemporaryFolder();
        await foreach (var found in ((Micro.Discovery.IServiceResolver)host.Services.GetService(typeof(Micro.Discovery.IServiceResolver))!).WatchAsync("vault", TestContext.Current.CancellationToken))
        {
            var address = found.Instances[0].Addresses[0].ToString();
            var failure = (await Tool.RunAsync("call", "vault", "Open", "--address", address, "--home", elsewhere.Path, "--json")).Expect(ExitCodes.CallFailed).Failure;
            Assert.Contains("--home", failure.GetProperty("hint").GetString());
            return;
        }
    }

    private static string Text(ToolRun run) => run.Expect(ExitCodes.Ok).Document.GetProperty("text").GetString()!;
}
