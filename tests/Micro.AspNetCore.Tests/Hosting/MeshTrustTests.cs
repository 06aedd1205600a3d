using System.Threading.Channels;
using Micro.AspNetCore.Tests.Support;
using Micro.Hosting;
using Micro.Security;
using Micro.Testing.Security;
using Microsoft.Extensions.Time.Testing;

namespace Micro.AspNetCore.Tests.Hosting;

/// <summary>What becomes of open connections when trust ends (ID-8) and when certificates run out (ID-7).</summary>
public sealed class MeshTrustTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, string> Ends => new()
    {
        { "grpc", "server", "identity" }, { "grpc", "server", "root" }, { "grpc", "server", "serial" },
        { "grpc", "client", "identity" }, { "grpc", "client", "root" },
        { "http", "server", "identity" }, { "http", "server", "root" }, { "http", "server", "serial" },
        { "http", "client", "identity" }, { "http", "client", "root" },
    };

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task ID_8_Trust_that_ends_ends_open_connections_and_new_handshakes(string transport, string side, string what)
    {
        await using var hosts = new MeshHosts();
        var authority = new TestCertificateAuthority("micro.local");
        var (serving, calling) = (new TestMesh(authority), new TestMesh(authority));
        var vault = new Vault();
        await hosts.ServeAsync("vault", serving, micro => micro.AddService<IVault>(vault));
        var client = await hosts.ClientAsync("teller", calling, transport);

        // One connection idle or of unary calls, a call in flight, and a stream.
        Assert.Equal("x", await client.OpenAsync("x", Token));
        var texts = Channel.CreateUnbounded<string>();
        await using var stream = client.TalkAsync(texts.Reader.ReadAllAsync(Token), Token).GetAsyncEnumerator(Token);
        await texts.Writer.WriteAsync("a", Token);
        Assert.True(await stream.MoveNextAsync());
        var flying = client.OpenAsync("wait", Token);
        await Wait.UntilAsync(() => vault.Calls == 3, "the handlers");

        var judge = side == "server" ? serving : calling;
        var about = ServiceIdentity.Create("micro.local", "default", side == "server" ? "teller" : "vault");
        var shown = await (side == "server" ? calling : serving).GetAsync(about, Token);
        judge.Replace(what switch
        {
            "identity" => TestCertificateAuthority.BundleOf([authority], 2, [about]),
            "serial" => TestCertificateAuthority.BundleOf([authority], 2, null, [shown.Leaf.SerialNumber]),
            _ => TestCertificateAuthority.BundleOf([new TestCertificateAuthority("micro.local")], 2),
        });

        var lost = await Assert.ThrowsAsync<CallException>(() => flying.WaitAsync(TimeSpan.FromSeconds(5), TimeProvider.System, Token));
        Assert.Equal(CallStatusCode.Unavailable, lost.Code);
        Assert.False(lost.Status.NotProcessed, lost.Message);
        Assert.Single(lost.Attempts);
        var ended = await Assert.ThrowsAsync<CallException>(() => stream.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(5), TimeProvider.System, Token));
        Assert.Equal(CallStatusCode.Unavailable, ended.Code);

        var after = await Assert.ThrowsAsync<CallException>(() => client.OpenAsync("x", Token));
        Assert.Equal(side == "server" ? CallStatusCode.Unauthenticated : CallStatusCode.Unavailable, after.Code);
        Assert.True(after.Status.NotProcessed, after.Message);
        Assert.Equal(3, vault.Calls);
        Assert.Contains(hosts.Log.Lines, line => line.Contains($"An open connection to {about} is closed", StringComparison.Ordinal));

        judge.Replace(TestCertificateAuthority.BundleOf([authority], 3));
        await Wait.UntilAsync(async () => await Record.ExceptionAsync(() => client.OpenAsync("x", Token)) is null, "calls after trust came back");
    }

    [Theory]
    [InlineData("grpc")]
    [InlineData("http")]
    public async Task ID_8_A_connection_that_stays_trusted_stays(string transport)
    {
        await using var hosts = new MeshHosts();
        var mesh = new TestMesh();
        var vault = new Vault();
        await hosts.ServeAsync("vault", mesh, micro => micro.AddService<IVault>(vault));
        var client = await hosts.ClientAsync("teller", mesh, transport);
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal("x", await client.OpenAsync("x", Token));
            mesh.Replace(TestCertificateAuthority.BundleOf([mesh.Authority], i + 2, [ServiceIdentity.Create("micro.local", "default", $"other{i}")]));
        }

        Assert.Single(vault.Connections);
    }

    [Theory]
    [InlineData("grpc")]
    [InlineData("http")]
    public async Task ID_7_A_connection_whose_leaf_runs_out_is_drained_and_its_streams_go_on_to_the_limit(string transport)
    {
        await using var hosts = new MeshHosts();
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var mesh = new TestMesh(new TestCertificateAuthority("micro.local", clock), clock);
        var vault = new Vault();
        await hosts.ServeAsync("vault", mesh, micro => micro.AddService<IVault>(vault), clock, configure: builder => builder.Configuration["Micro:Server:StreamIdleTimeout"] = "10.00:00:00");

        // The client has no such clock: it does not let go of its connections by itself.
        var client = await hosts.ClientAsync("teller", mesh, transport);
        Assert.Equal("x", await client.OpenAsync("x", Token));
        var texts = Channel.CreateUnbounded<string>();
        await using var stream = client.TalkAsync(texts.Reader.ReadAllAsync(Token), Token).GetAsyncEnumerator(Token);
        await EchoAsync("a");
        Assert.Equal("x", await client.OpenAsync("x", Token));
        var before = vault.Connections.Count;

        clock.Advance(TimeSpan.FromMinutes(56));
        Assert.Equal("x", await client.OpenAsync("x", Token));
        Assert.Equal(before, vault.Connections.Count);

        // New leaves, as a source has them long before; then the old ones run out.
        mesh.Replace(mesh.Bundle);
        clock.Advance(TimeSpan.FromMinutes(3));
        for (var i = 0; i < 50; i++)
        {
            Assert.Equal("x", await client.OpenAsync("x", Token));
            await EchoAsync("b");
        }

        Assert.True(vault.Connections.Count > before, "a new connection");
        clock.Advance(TimeSpan.FromMinutes(50));
        await EchoAsync("c");
        clock.Advance(TimeSpan.FromMinutes(10));
        var cut = await Assert.ThrowsAsync<CallException>(() => stream.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(5), TimeProvider.System, Token));
        Assert.Equal(CallStatusCode.Unavailable, cut.Code);

        async Task EchoAsync(string text)
        {
            await texts.Writer.WriteAsync(text, Token);
            Assert.True(await stream.MoveNextAsync());
            Assert.Equal(text, stream.Current);
        }
    }
}
