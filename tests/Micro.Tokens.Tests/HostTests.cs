using Micro.Hosting;
using Micro.Rpc;
using Micro.Security;
using Micro.Tokens.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Micro.Tokens.Tests;

public sealed class HostTests : IDisposable
{
    private readonly TemporaryHome _home = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task Added_to_a_host_tokens_are_issued_and_verified_from_the_home()
    {
        using var host = Host();
        await host.StartAsync(Token);
        var accounts = host.Services.GetRequiredService<AccountDirectory>();
        var issuer = host.Services.GetRequiredService<TokenIssuer>();
        var authenticator = host.Services.GetRequiredService<ITokenAuthenticator>();
        var secret = (await accounts.TryCreateAsync(new AccountDraft { Id = "ada" }, Token))!.Secret;
        var issued = await issuer.TryIssueAsync("ada", secret, new TokenRequest { Audience = "orders" }, Token);
        Assert.Equal("ada", authenticator.Authenticate(issued!.AccessToken, null, "orders").Account!.Id);
        using var other = Host();
        Assert.Equal("ada", other.Services.GetRequiredService<ITokenAuthenticator>().Authenticate(issued.AccessToken, null, "orders").Account!.Id);
        Assert.Equal(["ada"], (await other.Services.GetRequiredService<AccountDirectory>().ListAsync(Token)).Select(account => account.Id));
        await host.StopAsync(Token);
    }

    [Fact]
    public async Task Accounts_in_memory_leave_no_file()
    {
        using var host = Host(micro => micro.AddInMemoryAccounts());
        await host.Services.GetRequiredService<AccountDirectory>().TryCreateAsync(new AccountDraft { Id = "ada" }, Token);
        Assert.False(File.Exists(Path.Combine(_home.Path, "authority", "accounts.json")));
    }

    [Fact]
    public void Options_come_from_the_configuration_and_code_changes_them_after()
    {
        using var host = Host(
            micro => micro.AddTokens(options => options.CacheSize = 7),
            new()
            {
                ["Micro:Tokens:Lifetime"] = "00:05:00",
                ["Micro:Tokens:CacheSize"] = "9",
                ["Micro:Tokens:Issuers:0:Issuer"] = "https://login.example",
                ["Micro:Tokens:Issuers:0:KeysAddress"] = "https://login.example/keys",
                ["Micro:Tokens:Issuers:0:MetadataClaims:0"] = "email",
            });
        var options = host.Services.GetRequiredService<IOptions<TokenOptions>>().Value;
        Assert.Equal((TimeSpan.FromMinutes(5), 7), (options.Lifetime, options.CacheSize));
        var issuer = Assert.Single(options.Issuers);
        Assert.Equal(("https://login.example", "https://login.example/keys"), (issuer.Issuer, issuer.KeysAddress!.ToString()));
        Assert.Equal(["email"], issuer.MetadataClaims);
    }

    [Theory]
    [InlineData("Issuer", "")]
    [InlineData("Lifetime", "00:00:00")]
    [InlineData("Lifetime", "2.00:00:00")]
    [InlineData("Lifetime", "02:00:00")]
    [InlineData("Leeway", "00:00:31")]
    [InlineData("Leeway", "-00:00:01")]
    [InlineData("RefreshLifetime", "100.00:00:00")]
    [InlineData("KeyLifetime", "00:01:00")]
    [InlineData("KeyOverlap", "00:01:00")]
    [InlineData("KeyOverlap", "31.00:00:00")]
    [InlineData("CacheSize", "-1")]
    [InlineData("Issuers:0:Issuer", "https://login.example")]
    [InlineData("Issuers:0:Keys", "{}")]
    [InlineData("Issuers:0:Issuer", "micro.local")]
    public async Task Options_that_cannot_be_stop_the_start_and_are_named(string name, string value)
    {
        using var host = Host(configuration: new() { [$"Micro:Tokens:{name}"] = value });
        await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Token));
    }

    [Theory]
    [InlineData("http://login.example/keys")]
    [InlineData("file:///etc/keys.json")]
    [InlineData("https://user:pw@login.example/keys")]
    [InlineData("/keys")]
    public async Task TOK_5_Keys_are_fetched_over_https_alone(string address)
    {
        using var host = Host(configuration: new() { ["Micro:Tokens:Issuers:0:Issuer"] = "x", ["Micro:Tokens:Issuers:0:KeysAddress"] = address });
        await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Token));
    }

    [Fact]
    public async Task Keys_of_an_issuer_that_cannot_be_read_stop_the_start()
    {
        using var host = Host(configuration: new() { ["Micro:Tokens:Issuers:0:Issuer"] = "x", ["Micro:Tokens:Issuers:0:KeysFile"] = Path.Combine(_home.Path, "none.json") });
        await Assert.ThrowsAsync<CredentialException>(() => host.StartAsync(Token));
    }

    [Fact]
    public async Task TOK_5_A_token_goes_to_its_audience_and_to_nobody_else()
    {
        var sent = new Dictionary<string, string?>();
        var interceptor = new TokenInterceptor("orders", _ => new("t0ken"));
        foreach (var (service, own) in new[] { ("orders", false), ("cart", false), ("Orders", false), ("orders.evil", false), ("orders", true) })
        {
            var context = new CallContext();
            context.Begin(new CallSpec(service, "x.Y", "Z", CallKind.Unary), null!);
            if (own)
            {
                context.RequestHeaders["authorization"] = "Basic own";
            }

            await interceptor.InvokeAsync(context, _ => default);
            sent[$"{service} {own}"] = context.RequestHeaders["authorization"];
        }

        Assert.Equal("Bearer t0ken", sent["orders False"]);
        Assert.Equal("Basic own", sent["orders True"]);
        Assert.All(["cart False", "Orders False", "orders.evil False"], key => Assert.Null(sent[key]));
    }

    private IHost Host(Action<IMicroBuilder>? configure = null, Dictionary<string, string?>? configuration = null)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>(configuration ?? []) { ["Micro:Home"] = _home.Path });
        builder.Logging.AddProvider(new LogRecorder());
        var micro = builder.AddMicro("orders").AddTokens();
        configure?.Invoke(micro);
        return builder.Build();
    }
}
