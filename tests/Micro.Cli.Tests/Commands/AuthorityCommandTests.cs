using System.Security.Cryptography;
using System.Text.Json;
using Micro.Cli.Terminal;
using Micro.Cli.Tests.Support;
using Micro.Hosting;
using Micro.Security;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Micro.Cli.Tests.Commands;

public sealed class AuthorityCommandTests
{
    [Fact]
    public async Task An_authority_is_made_once_and_says_what_it_is()
    {
        using var home = new TemporaryFolder();
        var made = (await Tool.RunAsync("authority", "init", "--json", "--home", home.Path)).Expect(ExitCodes.Ok).Document;
        var opened = (await Tool.RunAsync("authority", "init", "--json", "--home", home.Path)).Expect(ExitCodes.Ok).Document;

        Assert.Equal("micro.local", made.GetProperty("trustDomain").GetString());
        Assert.Equal(Path.Combine(home.Path, "authority"), made.GetProperty("directory").GetString());
        var fingerprint = Assert.Single(made.GetProperty("roots").EnumerateArray()).GetProperty("fingerprint").GetString()!;
        Assert.Equal(64, fingerprint.Length);
        Assert.Equal(made.ToString(), opened.ToString());
        Assert.Contains($"root     {fingerprint}  signs, until ", (await Tool.RunAsync("authority", "init", "--home", home.Path)).Output);
    }

    [Fact]
    public async Task A_token_is_the_whole_output_and_what_to_do_with_it_is_not()
    {
        using var home = new TemporaryFolder();
        var run = (await Tool.RunAsync("authority", "token", "cart", "--home", home.Path)).Expect(ExitCodes.Ok);

        var token = run.Output.TrimEnd('\n');
        Assert.Matches("^mjt1_[0-9a-f]{16}_[A-Za-z0-9_-]{43}\\.[A-Za-z0-9_-]{43}$", token);
        Assert.Contains("spiffe://micro.local/default/cart", run.Error);
        Assert.DoesNotContain(token[22..65], run.Error);

        var json = (await Tool.RunAsync("authority", "token", "cart", "--namespace", "team", "--lifetime", "2h", "--json", "--home", home.Path)).Expect(ExitCodes.Ok).Document;
        Assert.Equal("spiffe://micro.local/team/cart", json.GetProperty("identity").GetString());
        Assert.True(json.GetProperty("expiresAt").GetDateTimeOffset() > TimeProvider.System.GetUtcNow().AddHours(1.9));
    }

    [Fact]
    public async Task A_token_made_while_a_root_is_prepared_holds_both_fingerprints()
    {
        using var home = new TemporaryFolder();
        var rolled = (await Tool.RunAsync("authority", "roll", "--json", "--home", home.Path)).Expect(ExitCodes.Ok).Document;
        Assert.Equal(2, rolled.GetProperty("roots").GetArrayLength());
        var signs = rolled.GetProperty("roots")[1].GetProperty("signsFrom").GetDateTimeOffset();
        Assert.True(signs > TimeProvider.System.GetUtcNow().AddHours(24), "It signs before everybody can have heard of it.");
        Assert.Equal(2, (await Tool.RunAsync("authority", "token", "cart", "--home", home.Path)).Output.Count(c => c == '.'));

        var again = (await Tool.RunAsync("authority", "roll", "--json", "--home", home.Path)).Expect(ExitCodes.CallFailed).Failure;
        Assert.Equal("identity", again.GetProperty("error").GetString());
        Assert.Contains("prepared already", again.GetProperty("message").GetString());
    }

    [Fact]
    public async Task An_identity_is_revoked_and_restored_by_any_of_its_names()
    {
        using var home = new TemporaryFolder();
        Assert.Contains("revoked  spiffe://micro.local/default/cart", (await Tool.RunAsync("authority", "revoke", "cart", "--home", home.Path)).Expect(ExitCodes.Ok).Output);
        var both = (await Tool.RunAsync("authority", "revoke", "team/cart", "--json", "--home", home.Path)).Expect(ExitCodes.Ok).Document;
        Assert.Equal(2, both.GetProperty("revoked").GetArrayLength());
        var one = (await Tool.RunAsync("authority", "restore", "spiffe://micro.local/default/cart", "--json", "--home", home.Path)).Expect(ExitCodes.Ok).Document;
        Assert.Equal("spiffe://micro.local/team/cart", Assert.Single(one.GetProperty("revoked").EnumerateArray()).GetString());
    }

    [Theory]
    [InlineData("revoke", "a b")]
    [InlineData("token", "a/b/c")]
    [InlineData("token", "micro-authority")]
    [InlineData("token", "cart", "--lifetime", "none")]
    [InlineData("token", "cart", "--lifetime", "10ms")]
    public async Task What_cannot_be_meant_is_refused(params string[] args)
    {
        using var home = new TemporaryFolder();
        (await Tool.RunAsync(["authority", .. args, "--home", home.Path])).Expect(ExitCodes.Usage);
    }

    [Fact]
    public async Task An_authority_that_cannot_be_used_ends_with_1_and_its_file()
    {
        using var home = new TemporaryFolder();
        (await Tool.RunAsync("authority", "init", "--home", home.Path)).Expect(ExitCodes.Ok);
        var bundle = Path.Combine(home.Path, "authority", "authority.bundle");
        await File.AppendAllTextAsync(bundle, " ", TestContext.Current.CancellationToken);
        var failure = (await Tool.RunAsync("authority", "serve", "--json", "--home", home.Path)).Expect(ExitCodes.CallFailed).Failure;
        Assert.Contains(bundle, failure.GetProperty("message").GetString());
    }

    [Fact]
    public async Task ID_13_A_service_with_a_home_of_its_own_joins_what_is_served_with_what_was_printed()
    {
        using var home = new TemporaryFolder();
        using var elsewhere = new TemporaryFolder();
        using var stop = new CancellationTokenSource();
        using var output = new LineWatch();
        using var error = new StringWriter();
        using var console = new ToolConsole(TextReader.Null, output, error);
        var serving = MicroTool.RunAsync(
            ["authority", "serve", "--listen", "grpc://127.0.0.1:0", "--join-listen", "http://127.0.0.1:0", "--json", "--home", home.Path], console, stop.Token);
        var served = JsonElement.Parse(await output.NextAsync());
        var token = (await Tool.RunAsync("authority", "token", "cart", "--home", home.Path)).Expect(ExitCodes.Ok).Output.TrimEnd('\n');
        var file = Path.Combine(elsewhere.Path, "token");
        await File.WriteAllTextAsync(file, token + "\n", TestContext.Current.CancellationToken);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection(
        [
            new("Micro:Home", Path.Combine(elsewhere.Path, "home")),
            new("Micro:Security:Provider", "authority"),
            new("Micro:Security:Authority:Address", served.GetProperty("address").GetString()),
            new("Micro:Security:Authority:JoinAddress", served.GetProperty("joinAddress").GetString()),
            new("Micro:Security:Authority:JoinTokenFile", file),
        ]);
        builder.AddMicro("cart");
        using (var host = builder.Build())
        {
            await host.StartAsync(TestContext.Current.CancellationToken);
            var credential = await host.Services.GetRequiredService<ICredentialSource>().GetAsync(
                ServiceIdentity.Create("micro.local", "default", "cart"), TestContext.Current.CancellationToken);
            var fingerprint = served.GetProperty("roots")[0].GetProperty("fingerprint").GetString();
            Assert.Equal(fingerprint, Convert.ToHexStringLower(SHA256.HashData(Assert.Single(credential.Bundle.RootsOf("micro.local")).RawData)));
            await host.StopAsync(TestContext.Current.CancellationToken);
        }

        await stop.CancelAsync();
        Assert.Equal(ExitCodes.Ok, await serving.WaitAsync(Tool.Patience, TestContext.Current.CancellationToken));
        Assert.Empty(error.ToString());
    }
}
