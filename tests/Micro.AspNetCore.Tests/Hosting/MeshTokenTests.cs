using System.Net;
using System.Net.Sockets;
using Micro.AspNetCore.Tests.Support;
using Micro.Discovery;
using Micro.Hosting;
using Micro.Rpc;
using Micro.Security;
using Micro.Tokens;
using Micro.Transport;
using Microsoft.Extensions.DependencyInjection;

namespace Micro.AspNetCore.Tests.Hosting;

/// <summary>Tokens beside certificates, over real sockets.</summary>
public sealed class MeshTokenTests : IDisposable
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("micro-tokens-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _home.Delete(recursive: true);

    [Theory]
    [InlineData("grpc")]
    [InlineData("http")]
    public async Task TOK_6_TOK_9_A_token_says_for_whom_and_one_that_is_refused_refuses_the_call(string transport)
    {
        await using var hosts = new MeshHosts();
        var mesh = new TestMesh();
        var vault = new Vault();
        var server = await hosts.ServeAsync("vault", mesh, micro => micro.AddTokens(options => options.Home = _home.FullName).AddService<IVault>(vault));
        var teller = await hosts.ClientAsync("teller", mesh, transport);
        var clerk = await hosts.ClientAsync("clerk", mesh, transport);
        var secret = (await server.Services.GetRequiredService<AccountDirectory>().TryCreateAsync(new AccountDraft { Id = "ada" }, Token))!.Secret;
        var token = await IssueAsync("vault", null);
        var bound = await IssueAsync("vault", "clerk");

        Assert.Equal("teller|ada|ada|", await AskAsync(teller, $"Bearer {token}"));
        Assert.Equal("teller|ada|ada|", await AskAsync(teller, $"bearer  {token}"));
        Assert.Equal("clerk|ada|ada|", await AskAsync(clerk, $"Bearer {bound}"));
        Assert.Equal(3, vault.Calls);

        string[][] refused =
        [
            [$"Bearer {bound}"], [$"Bearer {await IssueAsync("ledger", null)}"], ["Bearer"], ["Bearer garbage"], [$"Bearer {token}x"], [$"Bearer {token}, Bearer {token}"],
            [$"Bearer {token}", $"Bearer {token}"], ["Basic YTpi", $"Bearer {token}"], [$"Bearer {token}", "Basic YTpi"],
        ];
        foreach (var headers in refused)
        {
            var failure = (CallException)(await Record.ExceptionAsync(() => AskAsync(teller, headers)) ?? throw new InvalidOperationException(string.Join('|', headers)));
            Assert.Equal((CallStatusCode.Unauthenticated, "The token is not accepted."), (failure.Code, failure.Status.Message));
            Assert.Single(failure.Attempts);
            using var options = CallOptions.Use(new CallOptions { Headers = HeadersOf(headers) });
            var stream = await Assert.ThrowsAsync<CallException>(async () => await teller.TalkAsync(new[] { "x" }.ToAsyncEnumerable(), Token).ToListAsync(Token));
            Assert.Equal(failure.Status.Message, stream.Status.Message);
        }

        Assert.Equal(3, vault.Calls);
        Assert.DoesNotContain(hosts.Log.Lines, line => line.Contains(token, StringComparison.Ordinal) || line.Contains(bound, StringComparison.Ordinal));

        async Task<string> IssueAsync(string audience, string? to) => (await server.Services.GetRequiredService<TokenIssuer>().TryIssueAsync(
            "ada",
            secret,
            new TokenRequest { Audience = $"spiffe://micro.local/default/{audience}", BoundTo = to is null ? null : ServiceIdentity.Create("micro.local", "default", to) },
            Token))!.AccessToken;
    }

    [Theory]
    [InlineData("grpc")]
    [InlineData("http")]
    public async Task TOK_8_Where_nothing_checks_tokens_they_are_refused_and_other_schemes_reach_the_service(string transport)
    {
        await using var hosts = new MeshHosts();
        var mesh = new TestMesh();
        var vault = new Vault();
        await hosts.ServeAsync("vault", mesh, micro => micro.AddService<IVault>(vault));
        var teller = await hosts.ClientAsync("teller", mesh, transport);
        var failure = await Assert.ThrowsAsync<CallException>(() => AskAsync(teller, "Bearer whatever"));
        Assert.Equal((CallStatusCode.Unauthenticated, "The token is not accepted."), (failure.Code, failure.Status.Message));
        Assert.Equal(0, vault.Calls);
        Assert.Contains(hosts.Log.Lines, line => line.Contains("AddTokens()", StringComparison.Ordinal));
        Assert.Equal("teller|||Basic YTpi", await AskAsync(teller, "Basic YTpi"));
        Assert.Equal("teller|||Bearertoken x", await AskAsync(teller, "Bearertoken x"));
    }

    [Theory]
    [InlineData("grpc", "Bearer x")]
    [InlineData("http", "Bearer x")]
    [InlineData("http", "Basic YTpi")]
    public async Task TOK_5_In_plaintext_no_token_is_sent(string transport, string header)
    {
        await using var hosts = new MeshHosts();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var address = MicroAddress.Tcp(transport, "127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port, insecure: true);
        await hosts.Registry.RegisterAsync(new ServiceInstance("vault", "a", [address]), Token);
        var teller = await hosts.ClientAsync("teller", null, transport);
        var failure = await Assert.ThrowsAsync<CallException>(() => AskAsync(teller, header));
        Assert.Equal(CallStatusCode.FailedPrecondition, failure.Code);
        Assert.Contains("Micro:Security:Insecure=false", failure.Message, StringComparison.Ordinal);
        using var options = CallOptions.Use(new CallOptions { Headers = HeadersOf([header]) });
        var stream = await Assert.ThrowsAsync<CallException>(async () => await teller.TalkAsync(new[] { "x" }.ToAsyncEnumerable(), Token).ToListAsync(Token));
        Assert.Equal(CallStatusCode.FailedPrecondition, stream.Code);
        Assert.False(listener.Pending());
    }

    private static async Task<string> AskAsync(IVault vault, params string[] headers)
    {
        using var options = CallOptions.Use(new CallOptions { Headers = HeadersOf(headers) });
        return await vault.WhoAsync("x", Token);
    }

    private static CallHeaders HeadersOf(string[] headers)
    {
        var made = new CallHeaders();
        foreach (var header in headers)
        {
            made.Add("authorization", header);
        }

        return made;
    }
}
