using System.Security.Cryptography;
using Micro.Cli.Tests.Support;
using Micro.Grpc;
using Micro.Hosting;
using Micro.Rpc;
using Micro.Security;
using Micro.Sqlite;
using Micro.Tokens;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Micro.Cli.Tests;

/// <summary>A whole run of a server, a client and the tool, in which much is refused, with everything logged: is a secret to be seen anywhere?</summary>
public sealed class SecretsTests(VaultHost host) : IClassFixture<VaultHost>
{
    private readonly Secrets _secrets = new();
    private readonly List<(string Where, string Text, string? Meant)> _seen = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TOK_5_TRN_13_No_key_token_or_secret_is_in_a_log_an_error_or_JSON_but_where_it_is_meant_to_be()
    {
        _secrets.Add("the server's key", (await host.CredentialAsync()).Leaf);
        var token = await WithToolAsync();
        using var logs = new CapturedLogs();
        await WithClientAsync(logs, token);
        WithJoinTokens();
        await WithFilesAsync();
        _secrets.AddKeysOf(host.Home);

        Keep("the server's log", host.Logs.Lines);
        Keep("the client's log", logs.Lines);
        var found = _seen.Select(one => _secrets.In(one.Text, one.Meant) is { } what ? $"{what} is in {one.Where}: {one.Text}" : null).OfType<string>();
        Assert.Empty(found);

        // That it was looked for, where there was something to be seen.
        Assert.True(_secrets.Count > 50);
        Assert.Contains(host.Logs.Lines, line => line.Contains("Denied: spiffe://micro.local/default/micro-cli", StringComparison.Ordinal));
        Assert.Contains(host.Logs.Lines, line => line.Contains("bound to another identity", StringComparison.Ordinal));
        Assert.Contains(host.Logs.Lines, line => line.StartsWith("Trace", StringComparison.Ordinal));
        Assert.Contains(logs.Lines, line => line.Contains("used before or is made up", StringComparison.Ordinal));
        Assert.NotNull(_secrets.In($"Bearer {token}"));
    }

    /// <returns>A token of ann's, bound to the auditor.</returns>
    private async Task<string> WithToolAsync()
    {
        await MeantAsync("secret", "auth", "accounts", "create", "ann", "--scope", "vault.audit");
        await MeantAsync("secret", "auth", "accounts", "secret", "ann");
        var token = await MeantAsync("token", "auth", "token", "ann", "--audience", "vault", "--bound-to", "auditor");
        var file = Path.Combine(host.Home, "token");
        await File.WriteAllTextAsync(file, token, Token);
        await ToolAsync(ExitCodes.Ok, "call", "vault", "Audit", "--as", "auditor", "--token", "@" + file);
        await ToolAsync(ExitCodes.CallFailed, "call", "vault", "Audit", "--as", "teller", "--token", "@" + file);
        await ToolAsync(ExitCodes.CallFailed, "call", "vault", "Audit", "--as", "auditor", "--token", token + "x");
        await ToolAsync(ExitCodes.CallFailed, "call", "vault", "Open", "--as", "micro-cli");
        await ToolAsync(ExitCodes.Usage, "call", "vault", "Audit", "--token", token, "--insecure");
        await ToolAsync(ExitCodes.Usage, "call", "vault", "Audit", "--token", token + " and more");
        await ToolAsync(ExitCodes.CallFailed, "auth", "token", "nobody", "--audience", "vault");
        await ToolAsync(ExitCodes.Ok, "auth", "accounts", "list");
        await ToolAsync(ExitCodes.Ok, "auth", "rules", "list", "vault");
        await ToolAsync(ExitCodes.Ok, "auth", "explain", "teller", "vault", "Open");
        await ToolAsync(ExitCodes.Ok, "identity", "show");
        await ToolAsync(ExitCodes.Ok, "services");
        await ToolAsync(ExitCodes.Ok, "describe", "vault");
        using var elsewhere = new TemporaryFolder();
        var address = (await ToolProcess.RunAsync(host.Home, "services", "--json")).Document.GetProperty("services")[0].GetProperty("instances")[0].GetProperty("addresses")[0].GetString()!;
        await ToolAsync(ExitCodes.CallFailed, "call", "vault", "Open", "--home", elsewhere.Path, "--address", address, "--token", token);
        return token;
    }

    private async Task WithClientAsync(CapturedLogs logs, string token)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration["Micro:Home"] = host.Home;
        builder.Logging.SetMinimumLevel(LogLevel.Trace).AddProvider(logs);
        var sent = token;
        builder.AddMicro("auditor").AddGrpc().AddSqlite().AddTokens().AddClient<IVault>().AddCallToken("vault", _ => new ValueTask<string>(sent));
        using var client = builder.Build();
        await client.StartAsync(Token);
        var own = await client.Services.GetRequiredService<ICredentialSource>().GetAsync(ServiceIdentity.Create("micro.local", "default", "auditor"), Token);
        _secrets.Add("the client's key", own.Leaf);
        Keep("a credential", own.ToString());

        var vault = client.Services.GetRequiredService<IVault>();
        await vault.AuditAsync(Context());
        await FailsAsync<CallException>(() => vault.OpenAsync(Context()));
        sent = token[..^8] + "AAAAAAAA";
        await FailsAsync<CallException>(() => vault.AuditAsync(Context()));

        var accounts = client.Services.GetRequiredService<AccountDirectory>();
        var issuer = client.Services.GetRequiredService<TokenIssuer>();
        var bob = (await accounts.TryCreateAsync(new AccountDraft { Id = "bob", Secret = "correct horse battery" }, Token))!;
        _secrets.Add("a chosen secret", bob.Secret);
        Keep("an account", $"{bob} {bob.Account}");
        var request = new TokenRequest { Audience = "spiffe://micro.local/default/vault", WithRefresh = true };
        var first = (await issuer.TryIssueAsync("bob", bob.Secret, request, Token))!;
        var second = (await issuer.TryRefreshAsync(first.RefreshToken!, cancellationToken: Token))!;
        foreach (var issued in (IssuedToken[])[first, second])
        {
            _secrets.Add("an access token", issued.AccessToken);
            _secrets.Add("a refresh token", issued.RefreshToken!);
            Keep("a token's text", issued.ToString());
        }

        Assert.Null(await issuer.TryIssueAsync("bob", "wrong horse battery", request, Token));
        _secrets.Add("a wrong secret", "wrong horse battery");
        Assert.Null(await issuer.TryRefreshAsync(first.RefreshToken!, cancellationToken: Token));
        _secrets.Add("a secret that is too short", "short7secret"[..11]);
        await FailsAsync<ArgumentException>(async () => await accounts.TryCreateAsync(new AccountDraft { Id = "eve", Secret = "short7secret"[..11] }, Token));
        await issuer.RollKeyAsync(revokeOld: true, Token);
        Keep("the public keys", issuer.GetKeySet());
        await client.StopAsync(Token);
    }

    private void WithJoinTokens()
    {
        var tokens = new JoinTokens(Path.Combine(host.Home, "authority"), TimeProvider.System);
        var orders = ServiceIdentity.Create("micro.local", "default", "orders");
        var join = tokens.Create(orders, TimeSpan.FromMinutes(1));
        _secrets.Add("a join token", join);
        Fails<JoinTokenException>(() => tokens.Redeem(join, ServiceIdentity.Create("micro.local", "default", "payment")));
        Fails<JoinTokenException>(() => tokens.Redeem(join[..^4] + "AAAA", orders));
        tokens.Redeem(join, orders);
        Fails<JoinTokenException>(() => tokens.Redeem(join, orders));
        Keep("a join token's text", JoinToken.TryRead(join)!.ToString()!);
    }

    /// <summary>Files with keys that do not fit, or that are damaged.</summary>
    private async Task WithFilesAsync()
    {
        var leaf = (await host.CredentialAsync()).Leaf;
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var pem = other.ExportPkcs8PrivateKeyPem();
        foreach (var line in pem.Split('\n').Where(line => line.Length > 30 && !line.StartsWith('-')))
        {
            _secrets.Add("a key in a file", line);
        }

        var both = await WriteAsync("both.pem", leaf.ExportCertificatePem() + "\n" + pem);
        var key = await WriteAsync("key.pem", pem);
        var damaged = await WriteAsync("damaged.pem", pem.Replace("PRIVATE KEY", "CERTIFICATE", StringComparison.Ordinal));
        await ToolAsync(ExitCodes.Ok, "identity", "verify", both);
        await ToolAsync(ExitCodes.Usage, "identity", "verify", key);
        await ToolAsync(ExitCodes.Usage, "identity", "verify", damaged);

        using var logs = new CapturedLogs();
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection([new("Micro:Home", host.Home), new("Micro:Security:Provider", "pem")]);
        builder.Logging.SetMinimumLevel(LogLevel.Trace).AddProvider(logs);
        builder.AddMicro("vault").AddSqlite().AddPemCredentials(files => (files.Certificate, files.Key, files.Bundle) = (both, both, both));
        using var unfit = builder.Build();
        await FailsAsync<CredentialException>(() => unfit.StartAsync(Token));
        Keep("the log of a start that failed", logs.Lines);
    }

    private async Task<string> WriteAsync(string name, string content)
    {
        var path = Path.Combine(host.Home, name);
        await File.WriteAllTextAsync(path, content, Token);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return path;
    }

    /// <summary>Runs the tool for a secret that it is to show: in that member of its output, and nowhere else.</summary>
    private async Task<string> MeantAsync(string member, params string[] args)
    {
        var run = (await ToolProcess.RunAsync(host.Home, [.. args, "--json", "--verbose"])).Expect(ExitCodes.Ok);
        var secret = run.Document.GetProperty(member).GetString()!;
        _secrets.Add($"the {member} of '{string.Join(' ', args)}'", secret);
        _seen.Add(($"output of {string.Join(' ', args)}", run.Output, secret));
        Keep($"errors of {string.Join(' ', args)}", run.Error);
        return secret;
    }

    private async Task ToolAsync(int exitCode, params string[] args)
    {
        var name = string.Join(' ', args.Take(3));
        var run = (await ToolProcess.RunAsync(host.Home, [.. args, "--json", "--verbose"])).Expect(exitCode);
        Keep($"output of {name}", run.Output);
        Keep($"errors of {name}", run.Error);
    }

    private async Task FailsAsync<T>(Func<Task> action)
        where T : Exception => Keep("an error", (await Assert.ThrowsAnyAsync<T>(action)).ToString());

    private void Fails<T>(Action action)
        where T : Exception => Keep("an error", Assert.ThrowsAny<T>(action).ToString());

    private void Keep(string where, string text) => _seen.Add((where, text, null));

    private void Keep(string where, IEnumerable<string> lines) => _seen.AddRange(lines.Select(line => (where, line, (string?)null)));

    private static CallContext Context() => new(new CallOptions(), Token);
}
