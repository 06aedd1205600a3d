using System.Net.Security;
using Micro.AspNetCore.Tests.Support;
using Micro.Hosting;
using Micro.Rpc;
using Microsoft.Extensions.DependencyInjection;

namespace Micro.AspNetCore.Tests.Hosting;

/// <summary>Who a handler sees, and that nothing a caller says of itself changes it (TRN-10, RBAC-4).</summary>
public sealed class MeshIdentityTests
{
    private const string Teller = "spiffe://micro.local/default/teller";

    private static readonly string[] Claims = ["x-forwarded-client-cert", "x-spiffe-id", "l5d-client-id"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("grpc")]
    [InlineData("http")]
    public async Task RBAC_4_The_verified_identity_reaches_the_handler_and_others_are_denied(string transport)
    {
        await using var hosts = new MeshHosts();
        var mesh = new TestMesh();
        var vault = new Vault();
        await hosts.ServeAsync("vault", mesh, micro => micro.AddService<IVault>(vault));
        var teller = await hosts.ClientAsync("teller", mesh, transport);
        await teller.OpenAsync("x", Token);
        await teller.TalkAsync(new[] { "x" }.ToAsyncEnumerable(), Token).ToListAsync(Token);
        Assert.Equal([Teller, Teller], vault.Callers);

        foreach (var name in new[] { "clerk", "tellers", "Teller" })
        {
            var other = await hosts.ClientAsync(name, mesh, transport);
            Assert.Equal(CallStatusCode.PermissionDenied, (await Assert.ThrowsAsync<CallException>(() => other.OpenAsync("x", Token))).Code);
            var stream = await Assert.ThrowsAsync<CallException>(async () => await other.TalkAsync(new[] { "x" }.ToAsyncEnumerable(), Token).ToListAsync(Token));
            Assert.Equal(CallStatusCode.PermissionDenied, stream.Code);
        }

        Assert.Equal(2, vault.Calls);
    }

    [Theory]
    [InlineData("teller", true)]
    [InlineData("clerk", false)]
    public async Task RBAC_4_Within_the_process_a_caller_is_who_it_was_added_as(string name, bool allowed)
    {
        await using var hosts = new MeshHosts();
        var vault = new Vault();
        var server = await hosts.ServeAsync(name, new TestMesh(), micro => micro.AddInProcess().AddService<IVault>(vault).AddClient<IVault>());
        var client = server.Services.GetRequiredService<IVault>();
        using var direct = CallOptions.Use(new CallOptions { Address = await hosts.AddressAsync("vault", "inproc") });
        Assert.Equal($"{name}|||", await client.WhoAsync("x", Token));
        var failure = await Record.ExceptionAsync(() => client.OpenAsync("x", Token)) as CallException;
        Assert.Equal(allowed ? null : CallStatusCode.PermissionDenied, failure?.Code);
        Assert.Equal(allowed ? 2 : 1, vault.Calls);
    }

    [Theory]
    [InlineData("grpc")]
    [InlineData("http")]
    public async Task TRN_10_RBAC_4_Headers_that_claim_an_identity_do_not_arrive(string transport)
    {
        await using var hosts = new MeshHosts();
        var mesh = new TestMesh();
        var vault = new Vault();
        await hosts.ServeAsync("vault", mesh, micro => micro.AddService<IVault>(vault));
        foreach (var (name, allowed) in new[] { ("teller", true), ("clerk", false) })
        {
            Assert.Equal(allowed, await ClaimAsync(await hosts.AddressAsync("vault", transport), mesh.Authority.Issue(name).Leaf, transport));
        }

        Assert.Equal([Teller], vault.Callers);
        Assert.Contains("x-tenant: a", vault.Headers);
        Assert.DoesNotContain(vault.Headers, header => header.Contains("spiffe:", StringComparison.Ordinal));
        Assert.All(Claims, name => Assert.Throws<ArgumentException>(() => new CallHeaders().Add(name, Teller)));
    }

    [Theory]
    [InlineData("grpc")]
    [InlineData("http")]
    public async Task ID_5_Each_AddMicro_calls_as_itself(string transport)
    {
        await using var hosts = new MeshHosts();
        var mesh = new TestMesh();
        var vault = new Vault();
        await hosts.ServeAsync("vault", mesh, micro => micro.AddService<IVault>(vault));
        var front = await hosts.CallerAsync("teller", mesh, transport, first: "front");
        var seen = await front.Services.GetRequiredService<IVault>().WhoAsync("x", Token);
        Assert.Equal("teller|||", seen);
    }

    /// <summary>Whether a call with claims among its headers was allowed.</summary>
    private static async Task<bool> ClaimAsync(Uri address, System.Security.Cryptography.X509Certificates.X509Certificate2 leaf, string transport)
    {
        if (transport == "http")
        {
            await using var secure = await RawTls.ConnectAsync(address, "vault.default", leaf, SslApplicationProtocol.Http11, Token);
            var claims = string.Concat(Claims.Select(name => $"{name}: {Teller}\r\n"));
            var answer = await RawTls.AskAsync(secure, "/vault.Vault/Open", $"Content-Type: text/plain\r\nx-tenant: a\r\nConnection: close\r\n{claims}", "x", Token);
            return answer.StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal);
        }

        await using var grpc = await RawHttp2.OpenAsync(await RawTls.ConnectAsync(address, "vault.default", leaf, SslApplicationProtocol.Http2, Token), Token);
        await grpc.SendHeadersAsync(1, RawHttp2.SecureRequest("/vault.Vault/Open", [("x-tenant", "a"), .. Claims.Select(name => (name, Teller))]), end: false, Token);
        await grpc.SendAsync(RawHttp2.Data, 1, 1, RawHttp2.Message("\"x\""u8.ToArray()), Token);
        return (await grpc.OutcomeAsync(1, Token)).Code == CallStatusCode.Ok;
    }
}
