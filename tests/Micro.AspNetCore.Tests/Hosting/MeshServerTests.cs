using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Micro.AspNetCore.Tests.Support;
using Micro.Discovery;
using Micro.Hosting;
using Micro.Rpc;
using Micro.Security;
using Micro.Testing.Security;
using Micro.Transport;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Micro.AspNetCore.Tests.Hosting;

/// <summary>Servers that are not who was to be called, and those that are found by name (ID-3, ID-5).</summary>
public sealed class MeshServerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, string> Impostors => new()
    {
        { "grpc", "impostor", "it is not spiffe://micro.local/default/vault" },
        { "http", "impostor", "it is not spiffe://micro.local/default/vault" },
        { "grpc", "foreign", "The server is not spiffe://micro.local/default/vault" },
        { "http", "foreign", "The server is not spiffe://micro.local/default/vault" },
        { "grpc", "domain", "'elsewhere.test' is trusted" },
        { "http", "domain", "'elsewhere.test' is trusted" },
    };

    [Theory]
    [MemberData(nameof(Impostors))]
    public async Task ID_3_ID_5_A_server_that_is_another_is_sent_nothing(string transport, string which, string reason)
    {
        await using var hosts = new MeshHosts();
        var mesh = new TestMesh();
        await using var impostor = new Impostor(mesh, Credential(mesh, which));
        await hosts.Registry.RegisterAsync(Instance(impostor, "a"), Token);
        var client = await hosts.ClientAsync("teller", mesh, transport);
        var failure = await Assert.ThrowsAsync<CallException>(() => client.OpenAsync("secret", Token));
        Assert.Equal(CallStatusCode.Unavailable, failure.Code);
        Assert.True(failure.Status.NotProcessed);
        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
        var stream = await Assert.ThrowsAsync<CallException>(async () => await client.TalkAsync(new[] { "a" }.ToAsyncEnumerable(), Token).ToListAsync(Token));
        Assert.Contains(reason, stream.Message, StringComparison.Ordinal);
        Assert.True(impostor.Connections > 0);
        Assert.Equal(0, impostor.Bytes);
    }

    [Theory]
    [InlineData("grpc")]
    [InlineData("http")]
    public async Task ID_5_With_an_impostor_beside_it_the_good_instance_takes_every_call(string transport)
    {
        await using var hosts = new MeshHosts();
        var mesh = new TestMesh();
        var vault = new Vault();
        await hosts.ServeAsync("vault", mesh, micro => micro.AddService<IVault>(vault));
        await using var impostor = new Impostor(mesh, Credential(mesh, "impostor"));
        await hosts.Registry.RegisterAsync(Instance(impostor, "impostor"), Token);
        var client = await hosts.ClientAsync("teller", mesh, transport);
        await Wait.UntilAsync(async () => await client.OpenAsync("x", Token) == "x" && impostor.Connections > 0, "a call that met the impostor");
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal("x", await client.OpenAsync("x", Token));
            Assert.Equal("y", await client.LookAsync("y", Token));
            Assert.Equal(["z"], await client.TalkAsync(new[] { "z" }.ToAsyncEnumerable(), Token).ToListAsync(Token));
        }

        Assert.Equal(0, impostor.Bytes);
        Assert.All(vault.Callers, caller => Assert.Equal("spiffe://micro.local/default/teller", caller));
    }

    [Fact]
    public async Task ID_5_The_leaf_is_that_of_the_service_asked_for_and_an_unknown_one_is_refused()
    {
        await using var hosts = new MeshHosts();
        var mesh = new TestMesh();
        await hosts.ServeAsync("front", mesh, micro => micro.AddService<IVault>(new Vault()));
        var address = await hosts.AddressAsync("vault", "grpc");
        var leaf = mesh.Authority.Issue("teller").Leaf;
        foreach (var (name, expected) in new[] { ("vault.default", "vault"), ("VAULT.default", "vault"), ("front.default", "front"), ("", "front") })
        {
            await using var secure = await RawTls.ConnectAsync(address, name, leaf, SslApplicationProtocol.Http2, Token);
            Assert.Contains($"CN={expected}", secure.RemoteCertificate!.Subject, StringComparison.Ordinal);
        }

        foreach (var name in new[] { "ledger.default", "vault.other", "vault", "localhost" })
        {
            var failure = await Record.ExceptionAsync(() => RawTls.ConnectAsync(address, name, leaf, SslApplicationProtocol.Http2, Token));
            Assert.True(failure is AuthenticationException or IOException, $"{name}: {failure}");
        }

        Assert.Contains(hosts.Log.Lines, line => line.Contains("asked for 'ledger.default'", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("grpc")]
    [InlineData("http")]
    public async Task ID_4_A_client_of_TLS_at_a_plaintext_port_fails_and_nothing_is_served(string transport)
    {
        await using var hosts = new MeshHosts();
        var vault = new Vault();
        var server = await hosts.ServeAsync("vault", null, micro => micro.AddService<IVault>(vault));
        var mesh = new TestMesh();
        var client = await hosts.ClientAsync("teller", mesh, transport);
        foreach (var url in server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses)
        {
            using var direct = CallOptions.Use(new CallOptions { Address = MicroAddress.Tcp(transport, "127.0.0.1", new Uri(url).Port, insecure: false) });
            var failure = await Assert.ThrowsAsync<CallException>(() => client.OpenAsync("secret", Token));
            Assert.Equal(CallStatusCode.Unavailable, failure.Code);
            Assert.True(failure.Status.NotProcessed, failure.Message);
        }

        Assert.Equal(0, vault.Calls);
    }

    [Theory]
    [InlineData("grpc")]
    [InlineData("http")]
    public async Task ID_4_An_instance_in_plaintext_is_not_called_by_a_process_that_is_secured(string transport)
    {
        await using var hosts = new MeshHosts();
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var port = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
        await hosts.Registry.RegisterAsync(new ServiceInstance("vault", "a", [MicroAddress.Tcp(transport, "127.0.0.1", port, insecure: true)]), Token);
        var client = await hosts.ClientAsync("teller", new TestMesh(), transport);
        var failure = await Assert.ThrowsAsync<CallException>(() => client.OpenAsync("secret", Token));
        Assert.Contains("plaintext", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Micro:Security:Insecure", failure.Message, StringComparison.Ordinal);
        Assert.True(failure.Status.NotProcessed);
        Assert.False(listener.Pending());
    }

    private static ServiceCredential Credential(TestMesh mesh, string which) => which switch
    {
        "impostor" => mesh.Authority.Issue("impostor"),
        "foreign" => new TestCertificateAuthority("micro.local").Issue("vault", bundle: mesh.Bundle),
        _ => new TestCertificateAuthority("elsewhere.test").Issue("vault", bundle: mesh.Bundle),
    };

    private static ServiceInstance Instance(Impostor impostor, string id) =>
        new("vault", id, [MicroAddress.Tcp("grpc", "127.0.0.1", impostor.Port, insecure: false), MicroAddress.Tcp("http", "127.0.0.1", impostor.Port, insecure: false)]);
}
