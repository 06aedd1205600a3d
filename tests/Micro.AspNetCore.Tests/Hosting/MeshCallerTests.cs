using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Micro.AspNetCore.Tests.Support;
using Micro.Hosting;
using Micro.Security;
using Micro.Testing.Security;
using Micro.Tests.Support;

namespace Micro.AspNetCore.Tests.Hosting;

/// <summary>Callers that cannot prove who they are, over real sockets.</summary>
public sealed class MeshCallerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Refused => new()
    {
        { "none", "no certificate" },
        { "of another authority", "" },
        { "of another domain", "'elsewhere.test' is trusted" },
        { "expired", "has expired" },
        { "not yet valid", "not valid before" },
        { "an authority's", "its certificate" },
        { "with two names", "its certificate" },
        { "with a name of DNS", "its certificate" },
        { "revoked", "was revoked" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task ID_1_ID_2_ID_3_ID_15_A_certificate_that_is_refused_is_told_so_and_nothing_is_served(string which, string reason)
    {
        var (authority, forger) = (new TestCertificateAuthority("micro.local"), Forger());
        await using var hosts = new MeshHosts();
        var mesh = new TestMesh(authority);
        mesh.Replace(new TrustBundle(
            [new("micro.local", [authority.Certificate, forger.Certificate])], 2, [ServiceIdentity.Create("micro.local", "default", "revoked")]));
        var vault = new Vault();
        await hosts.ServeAsync("vault", mesh, micro => micro.AddService<IVault>(vault));
        var shown = Certificate(which, forger, authority);

        await using var http = await RawTls.ConnectAsync(await hosts.AddressAsync("vault", "http"), "vault.default", shown, SslApplicationProtocol.Http11, Token);
        var answer = await RawTls.AskAsync(http, "/vault.Vault/Open", "Content-Type: text/plain\r\n", "x", Token);
        Assert.StartsWith("HTTP/1.1 401 ", answer, StringComparison.Ordinal);
        Assert.Contains("\"executed\":\"no\"", answer.Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);

        await using var socket = await RawTls.ConnectAsync(await hosts.AddressAsync("vault", "http"), "vault.default", shown, SslApplicationProtocol.Http11, Token);
        var upgrade = await RawTls.AskAsync(
            socket, "/vault.Vault/Talk", "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: micro.v1\r\n", "", Token);
        Assert.StartsWith("HTTP/1.1 401 ", upgrade, StringComparison.Ordinal);

        await using var grpc = await RawHttp2.OpenAsync(
            await RawTls.ConnectAsync(await hosts.AddressAsync("vault", "grpc"), "vault.default", shown, SslApplicationProtocol.Http2, Token), Token);
        await grpc.SendHeadersAsync(1, RawHttp2.SecureRequest("/vault.Vault/Open"), end: false, Token);
        Assert.Equal(CallStatusCode.Unauthenticated, (await grpc.OutcomeAsync(1, Token)).Code);
        while (await grpc.ReadAsync(Token) is not null)
        {
            // Until the server closes.
        }

        Assert.Equal(0, vault.Calls);
        var lines = hosts.Log.Lines.Where(line => line.Contains("was refused", StringComparison.Ordinal)).ToList();
        Assert.Equal(3, lines.Count);
        Assert.All(lines, line => Assert.Contains(reason, line, StringComparison.Ordinal));
        Assert.DoesNotContain(hosts.Log.Lines, line => line.Contains("PRIVATE", StringComparison.Ordinal) || line.Contains("BEGIN", StringComparison.Ordinal));
        Assert.DoesNotContain(reason.Length > 0 ? reason : "authority", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("grpc")]
    [InlineData("http")]
    public async Task ID_15_A_client_that_is_refused_learns_it_and_asks_no_other_node(string transport)
    {
        await using var hosts = new MeshHosts();
        var mesh = new TestMesh();
        var vault = new Vault();
        for (var i = 0; i < 3; i++)
        {
            await hosts.ServeAsync("vault", mesh, micro => micro.AddService<IVault>(vault));
        }

        var stranger = new TestMesh(new TestCertificateAuthority("micro.local"));
        stranger.Replace(mesh.Bundle);
        var client = await hosts.ClientAsync("teller", stranger, transport);
        var idempotent = await Assert.ThrowsAsync<CallException>(() => client.LookAsync("a", Token));
        Assert.Equal(CallStatusCode.Unauthenticated, idempotent.Code);
        Assert.True(idempotent.Status.NotProcessed);
        Assert.Single(idempotent.Attempts);
        Assert.Equal(CallStatusCode.Unauthenticated, (await Assert.ThrowsAsync<CallException>(() => client.OpenAsync("a", Token))).Code);
        var stream = await Assert.ThrowsAsync<CallException>(async () => await client.TalkAsync(new[] { "a" }.ToAsyncEnumerable(), Token).ToListAsync(Token));
        Assert.Equal(CallStatusCode.Unauthenticated, stream.Code);
        Assert.Equal(0, vault.Calls);
        Assert.Equal(3, hosts.Log.Lines.Count(line => line.Contains("was refused", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task ID_1_A_refused_connection_that_asks_nothing_is_closed()
    {
        await using var hosts = new MeshHosts();
        await hosts.ServeAsync("vault", new TestMesh(), micro => micro.AddService<IVault>(new Vault()), handshake: TimeSpan.FromSeconds(1));
        await using var secure = await RawTls.ConnectAsync(await hosts.AddressAsync("vault", "http"), "vault.default", null, SslApplicationProtocol.Http11, Token);
        Assert.Equal(0, await ReadAsync(secure));
    }

    /// <summary>How many bytes came; 0 also when the connection was reset.</summary>
    internal static async Task<int> ReadAsync(Stream stream)
    {
        try
        {
            return await stream.ReadAsync(new byte[64], Token).AsTask().WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System, Token);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static ForgedCertificate Forger() => Live(CertificateDesign.Authority with { Names = [[(CertificateDesign.UriName, "spiffe://micro.local")]] }).Sign();

    private static CertificateDesign Live(CertificateDesign design)
    {
        var now = TimeProvider.System.GetUtcNow();
        return design with { NotBefore = now.AddHours(-2), NotAfter = now.AddHours(2) };
    }

    private static X509Certificate2? Certificate(string which, ForgedCertificate forger, TestCertificateAuthority authority)
    {
        const string Id = "spiffe://micro.local/default/teller";
        var now = TimeProvider.System.GetUtcNow();
        var good = Live(new CertificateDesign()).WithId(Id);
        return which switch
        {
            "none" => null,
            "of another authority" => new TestCertificateAuthority("micro.local").Issue("teller").Leaf,
            "of another domain" => new TestCertificateAuthority("elsewhere.test").Issue("teller").Leaf,
            "revoked" => authority.Issue("revoked").Leaf,
            "expired" => (good with { NotAfter = now.AddMinutes(-5) }).Sign(forger).Certificate,
            "not yet valid" => (good with { NotBefore = now.AddMinutes(5) }).Sign(forger).Certificate,
            "an authority's" => (good with { IsAuthority = true, KeyUsage = X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.DigitalSignature }).Sign(forger).Certificate,
            "with two names" => (good with { Names = [[(CertificateDesign.UriName, Id), (CertificateDesign.UriName, "spiffe://micro.local/default/other")]] }).Sign(forger).Certificate,
            "with a name of DNS" => (good with { Names = [[(CertificateDesign.DnsName, "teller.default")]] }).Sign(forger).Certificate,
            _ => throw new ArgumentOutOfRangeException(nameof(which)),
        };
    }
}
