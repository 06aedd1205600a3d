using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Micro.AspNetCore.Authority;
using Micro.AspNetCore.Hosting;
using Micro.AspNetCore.Tests.Hosting;
using Micro.AspNetCore.Tests.Support;
using Micro.Hosting;
using Micro.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Micro.AspNetCore.Tests.Authority;

/// <summary>What a stranger tries where services join, and where they do not.</summary>
public sealed class JoinListenerAttackTests : IDisposable
{
    private static readonly ServiceIdentity Cart = ServiceIdentity.Parse("spiffe://micro.local/default/cart");

    private readonly string _home = Directory.CreateTempSubdirectory("micro-join-attack-").FullName;
    private readonly int _port = ListenTests.FreePort();
    private int _reached;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [Theory]
    [InlineData("POST /micro.Authority/Join HTTP/1.1", "Content-Type: application/grpc-web\r\n")]
    [InlineData("POST /micro.Authority/Join HTTP/1.1", "Content-Type: application/grpcx\r\n")]
    [InlineData("POST /micro.Authority/Join HTTP/1.1", "Content-Type: application/grpc\r\n")]
    [InlineData("POST /micro.Authority/Join HTTP/1.1", "Content-Type: text/none\r\nExpect: 100-continue\r\n")]
    [InlineData("POST https://host/host HTTP/1.1", "")]
    [InlineData("POST /micro.Authority/%4aoin HTTP/1.1", "")]
    [InlineData("POST /micro.Authority/Roots/../../host HTTP/1.1", "")]
    [InlineData("OPTIONS /micro.Authority/Join HTTP/1.1", "")]
    [InlineData("GET /micro.Authority/Join HTTP/1.1", "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: micro.v1\r\n")]
    [InlineData("POST /micro.Authority/Renew HTTP/1.1", "Content-Type: application/json\r\n")]
    [InlineData("POST /micro.Reflection/List HTTP/1.1", "Content-Type: application/json\r\n")]
    [InlineData("GET /health HTTP/1.1", "")]
    [InlineData("POST /host HTTP/1.1", "")]
    public async Task ID_4_Nothing_but_joining_is_reached_where_services_join(string line, string headers)
    {
        await using var app = await StartAsync("Micro:Authority:JoinListen");
        await using var stream = await RawTls.ConnectAsync(new Uri($"http://127.0.0.1:{_port}"), "micro-authority.default", null, SslApplicationProtocol.Http11, Token);
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{line}\r\nHost: host\r\n{headers}Content-Length: 2\r\nConnection: close\r\n\r\n{{}}"), Token);
        using var reader = new StreamReader(stream);
        var answer = await reader.ReadToEndAsync(Token);
        Assert.Equal(0, _reached);
        Assert.DoesNotContain("HTTP/1.1 2", answer, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 4", answer.Replace("HTTP/1.1 100 Continue\r\n\r\n", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ID_13_Without_a_listener_to_join_at_nobody_joins_at_the_edge()
    {
        await using var app = await StartAsync("Micro:Edge:Listen");
        var token = new JoinTokens(app.Services.GetRequiredService<LocalAuthority>().Directory, TimeProvider.System).Create(Cart, TimeSpan.FromMinutes(1));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("O=x", key, HashAlgorithmName.SHA256).CreateSigningRequest();
        var body = JsonSerializer.Serialize(new { token, identity = Cart.ToString(), signingRequest = request, lifetimeSeconds = 60 });
        using var http = new HttpClient(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true } });
        using var response = await http.PostAsync($"https://127.0.0.1:{_port}/micro.Authority/Join", new StringContent(body, null, "application/json"), Token);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Contains("The join is refused", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);

        // The token stays good.
        new JoinTokens(app.Services.GetRequiredService<LocalAuthority>().Directory, TimeProvider.System).Redeem(token, Cart);
    }

    private async Task<WebApplication> StartAsync(string listen)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration["Micro:Home"] = _home;
        builder.Configuration[listen] = $"http://127.0.0.1:{_port}";
        builder.AddMicro(AuthorityRequests.Service).AddAuthority();
        var app = builder.Build();
        app.Run(context =>
        {
            Interlocked.Increment(ref _reached);
            return context.Response.WriteAsync("host", Token);
        });
        await app.StartAsync(Token);
        return app;
    }
}
