using System.Net;
using System.Net.Http.Json;
using Micro.AspNetCore.Hosting;
using Micro.AspNetCore.Tests.Support;
using Micro.Hosting;
using Micro.Security;
using Micro.Tokens;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Micro.AspNetCore.Tests.Hosting;

/// <summary>Ways in from outside that have to stay closed whatever else the process allows.</summary>
public sealed class EdgeAttackTests : IDisposable
{
    private const string Audience = "spiffe://micro.local/default/safe";

    private readonly string _home = Directory.CreateTempSubdirectory("micro-edge-attack-").FullName;
    private readonly HttpClient _http = new(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true } });

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _http.Dispose();
        Directory.Delete(_home, recursive: true);
    }

    [Fact]
    public async Task A27_Plaintext_within_the_mesh_makes_nobody_at_the_edge_one_of_the_trust_domain()
    {
        var port = ListenTests.FreePort();
        await using var app = await StartAsync(builder =>
        {
            builder.Configuration["Micro:Edge:Listen"] = $"http://127.0.0.1:{port}";
            builder.Configuration["Micro:Security:Insecure"] = "true";
        });
        Assert.Equal(HttpStatusCode.OK, await StatusAsync($"https://127.0.0.1:{port}/safe.Safe/Open"));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync($"https://127.0.0.1:{port}/safe.Safe/Inside"));
        Assert.Equal("PermissionDenied", await GrpcAsync(port, await IssueAsync(app)));
        Assert.Equal("Unauthenticated", await GrpcAsync(port, null));
    }

    [Fact]
    public async Task TOK_5_A_header_of_a_proxy_does_not_make_a_connection_in_plaintext_a_secured_one()
    {
        var port = ListenTests.FreePort();
        await using var app = await StartAsync(builder =>
        {
            builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
            builder.Services.AddSingleton<IStartupFilter>(new ProxyHeaders());
        });
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync($"http://127.0.0.1:{port}/safe.Safe/Open", ("X-Forwarded-Proto", "https")));
        var token = await IssueAsync(app);
        Assert.Equal(
            HttpStatusCode.Unauthorized,
            await StatusAsync($"http://127.0.0.1:{port}/safe.Safe/Audit", ("X-Forwarded-Proto", "https"), ("Authorization", $"Bearer {token}")));
    }

    [Theory]
    [InlineData("Open", true, "application/x-none", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("Open", false, "application/x-none", HttpStatusCode.Unauthorized)]
    [InlineData("Audit", true, "application/x-none", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("Audit", false, "application/x-none", HttpStatusCode.Unauthorized)]
    [InlineData("Audit", true, "application/json", HttpStatusCode.BadRequest)]
    public async Task RBAC_11_Who_calls_is_known_whatever_else_is_wrong_with_the_request(string method, bool good, string type, HttpStatusCode expected)
    {
        var port = ListenTests.FreePort();
        await using var app = await StartAsync(builder => builder.Configuration["Micro:Edge:Listen"] = $"http://127.0.0.1:{port}");
        var token = await IssueAsync(app);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"https://127.0.0.1:{port}/safe.Safe/{method}") { Content = new StringContent("{}", null, type) };
        if (type == "application/json")
        {
            request.Headers.TryAddWithoutValidation("a-bin", "!"); // wrong, and read before the token
        }

        request.Headers.TryAddWithoutValidation("authorization", "Bearer " + (good ? token : token[..^2]));
        using var response = await _http.SendAsync(request, Token);
        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task TOK_5_No_part_of_a_token_is_logged_however_much_is()
    {
        var port = ListenTests.FreePort();
        var logs = new LogLines();
        await using var app = await StartAsync(builder =>
        {
            builder.Logging.AddProvider(logs).SetMinimumLevel(LogLevel.Trace);
            builder.Configuration["Micro:Edge:Listen"] = $"http://127.0.0.1:{port}";
        });
        var token = await IssueAsync(app);
        foreach (var sent in new[] { token, token[..^2], token + ", Bearer " + token, "\t " + token, "x" + token })
        {
            await StatusAsync($"https://127.0.0.1:{port}/safe.Safe/Audit", ("Authorization", "bearer " + sent));
            await StatusAsync($"https://127.0.0.1:{port}/safe.Safe/None", ("Authorization", "bearer " + sent));
            await GrpcAsync(port, sent);
        }

        Assert.Contains(logs.Lines, line => line.Contains("was refused", StringComparison.Ordinal));
        var signature = token[(token.LastIndexOf('.') + 1)..^4];
        Assert.DoesNotContain(logs.Lines, line => line.Contains(signature, StringComparison.Ordinal) || line.Contains(token[..30], StringComparison.Ordinal));
    }

    private static async Task<string> IssueAsync(WebApplication app)
    {
        await app.Services.GetRequiredService<AccountDirectory>().TryCreateAsync(new AccountDraft { Id = "ada", Scopes = new HashSet<string> { "safe.audit" } }, Token);
        return (await app.Services.GetRequiredService<TokenIssuer>().TryIssueWithoutSecretAsync("ada", new TokenRequest { Audience = Audience }, Token))!.AccessToken;
    }

    private async Task<WebApplication> StartAsync(Action<WebApplicationBuilder> configure)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration["Micro:Home"] = _home;
        configure(builder);
        builder.AddMicro("safe").AddServer().AddTokens().AddService<ISafe, Safe>();
        var app = builder.Build();
        await app.StartAsync(Token);
        return app;
    }

    private async Task<HttpStatusCode> StatusAsync(string address, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new StringContent("{}", null, "application/json") };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await _http.SendAsync(request, Token);
        return response.StatusCode;
    }

    private async Task<string> GrpcAsync(int port, string? token)
    {
        var content = new ByteArrayContent([0, 0, 0, 0, 2, (byte)'{', (byte)'}']);
        content.Headers.TryAddWithoutValidation("Content-Type", "application/grpc+json");
        using var request = new HttpRequestMessage(HttpMethod.Post, $"https://127.0.0.1:{port}/safe.Safe/Inside")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        if (token is not null)
        {
            request.Headers.TryAddWithoutValidation("authorization", "Bearer " + token);
        }

        using var response = await _http.SendAsync(request, Token);
        await response.Content.ReadAsByteArrayAsync(Token);
        var status = response.Headers.TryGetValues("grpc-status", out var early) ? early : response.TrailingHeaders.GetValues("grpc-status");
        return ((CallStatusCode)int.Parse(status.Single(), System.Globalization.CultureInfo.InvariantCulture)).ToString();
    }

    /// <summary>As ASPNETCORE_FORWARDEDHEADERS_ENABLED puts it before everything else: believes whoever connects.</summary>
    private sealed class ProxyHeaders : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto };
            options.KnownIPNetworks.Clear();
            options.KnownProxies.Clear();
            app.UseForwardedHeaders(options);
            next(app);
        };
    }
}
