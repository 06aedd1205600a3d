using System.Net;
using System.Net.Http.Json;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Micro.AspNetCore.Hosting;
using Micro.AspNetCore.Tests.Support;
using Micro.Hosting;
using Micro.Rpc;
using Micro.Security;
using Micro.Tokens;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Micro.AspNetCore.Tests.Hosting;

/// <summary>The edge: TLS with a certificate of the server alone, for callers that a token names, or nobody.</summary>
public sealed class EdgeTests : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("micro-edge-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [Fact]
    public async Task A27_Callers_of_the_edge_are_nobody_until_a_token_names_them()
    {
        var port = ListenTests.FreePort();
        await using var app = Build(port);
        await app.StartAsync(Token);
        using var http = Client();

        // Public, asks for nothing.
        Assert.Equal("open to anonymous", await TextAsync(await CallAsync(http, port, "Open")));

        // Nobody is not of the trust domain, nor has it a scope.
        Assert.Equal(HttpStatusCode.Unauthorized, (await CallAsync(http, port, "Audit")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await CallAsync(http, port, "Inside")).StatusCode);

        // A token with the scope.
        await app.Services.GetRequiredService<AccountDirectory>().TryCreateAsync(new AccountDraft { Id = "ada", Scopes = new HashSet<string> { "safe.audit" } }, Token);
        var issued = await app.Services.GetRequiredService<TokenIssuer>().TryIssueWithoutSecretAsync("ada", new TokenRequest { Audience = "spiffe://micro.local/default/safe" }, Token);
        Assert.Equal("audited by account ada", await TextAsync(await CallAsync(http, port, "Audit", issued!.AccessToken)));

        // A token does not make anyone a service of the trust domain.
        Assert.Equal(HttpStatusCode.Forbidden, (await CallAsync(http, port, "Inside", issued.AccessToken)).StatusCode);

        // A refused token is a refused call, also where none is asked for.
        Assert.Equal(HttpStatusCode.Unauthorized, (await CallAsync(http, port, "Open", issued.AccessToken[..^2])).StatusCode);

        // The keys to verify it with are there for everyone.
        var keys = await http.GetFromJsonAsync<JsonElement>($"https://127.0.0.1:{port}/.well-known/jwks.json", Token);
        Assert.Equal("EC", keys.GetProperty("keys")[0].GetProperty("kty").GetString());
        Assert.False(keys.GetProperty("keys")[0].TryGetProperty("d", out _));
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync($"https://127.0.0.1:{port}/alive", Token)).StatusCode);
    }

    [Fact]
    public async Task ID_10_The_certificate_of_the_edge_follows_its_files_and_keeps_the_last_good_one()
    {
        var (certificate, key) = (Path.Combine(_home, "edge.pem"), Path.Combine(_home, "edge.key"));
        Write(certificate, key, "one");
        var port = ListenTests.FreePort();
        var logs = new LogLines();
        await using var app = Build(port, logs, ("Micro:Edge:Certificate", certificate), ("Micro:Edge:Key", key));
        await app.StartAsync(Token);
        Assert.Equal("CN=one", await SubjectAsync(port));

        await File.WriteAllTextAsync(certificate, "half a cert", Token);
        await EventuallyAsync(async () => await SubjectAsync(port) == "CN=one" && logs.Lines.Any(line => line.Contains("last good one is kept", StringComparison.Ordinal)));

        Write(certificate, key, "two");
        await EventuallyAsync(async () => await SubjectAsync(port) == "CN=two");
    }

    [Fact]
    public async Task ID_11_A_key_of_the_edge_that_others_can_read_is_refused()
    {
        var (certificate, key) = (Path.Combine(_home, "edge.pem"), Path.Combine(_home, "edge.key"));
        Write(certificate, key, "one");
        SetMode(key, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        await using var app = Build(ListenTests.FreePort(), null, ("Micro:Edge:Certificate", certificate), ("Micro:Edge:Key", key));
        var error = await Assert.ThrowsAsync<CredentialException>(() => app.StartAsync(Token));
        Assert.Contains(key, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ID_4_The_edge_is_never_plaintext()
    {
        await using var app = Build(ListenTests.FreePort(), null, ("Micro:Edge:Listen", "http+insecure://127.0.0.1:0"), ("Micro:Security:Insecure", "true"));
        var error = await Assert.ThrowsAsync<Micro.Transport.MicroAddressException>(() => app.StartAsync(Token));
        Assert.Contains("Micro:Edge:Listen", error.Message, StringComparison.Ordinal);
    }

    private WebApplication Build(int port, LogLines? logs = null, params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        if (logs is not null)
        {
            builder.Logging.AddProvider(logs);
        }

        builder.Configuration["Micro:Home"] = _home;
        builder.Configuration["Micro:Edge:Listen"] = $"http://127.0.0.1:{port}";
        foreach (var (key, value) in settings)
        {
            builder.Configuration[key] = value;
        }

        builder.AddMicro("safe").AddServer().AddTokens().AddService<ISafe, Safe>();
        return builder.Build();
    }

    private static HttpClient Client() => new(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true } });

    private static async Task<HttpResponseMessage> CallAsync(HttpClient http, int port, string method, string? token = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"https://127.0.0.1:{port}/safe.Safe/{method}")
        {
            Content = new StringContent("{}", null, "application/json"),
        };
        if (token is not null)
        {
            request.Headers.TryAddWithoutValidation("authorization", "Bearer " + token);
        }

        return await http.SendAsync(request, Token);
    }

    private static async Task<string?> TextAsync(HttpResponseMessage response)
    {
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Token));
        return await response.Content.ReadFromJsonAsync<string>(Token);
    }

    private static async Task<string> SubjectAsync(int port)
    {
        using var socket = new System.Net.Sockets.TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, port, Token);
        await using var secure = new SslStream(socket.GetStream(), false, (_, _, _, _) => true);
        await secure.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "edge" }, Token);
        return secure.RemoteCertificate!.Subject;
    }

    private static void Write(string certificate, string key, string name)
    {
        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        using var made = new CertificateRequest("CN=" + name, pair, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        File.WriteAllText(key, pair.ExportPkcs8PrivateKeyPem());
        SetMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.WriteAllText(certificate, made.ExportCertificatePem());
    }

    private static void SetMode(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }
    }

    private static async Task EventuallyAsync(Func<Task<bool>> condition)
    {
        while (!await condition())
        {
            await Task.Delay(50, Token);
        }
    }
}

[MicroService("safe")]
[Allow(Callers.TrustDomain)]
public interface ISafe
{
    [Public]
    Task<string> OpenAsync(CancellationToken cancellationToken = default);

    Task<string> InsideAsync(CancellationToken cancellationToken = default);

    [Allow(Callers.Authenticated)]
    [RequireScope("safe.audit")]
    Task<string> AuditAsync(CancellationToken cancellationToken = default);
}

internal sealed class Safe : ISafe
{
    public Task<string> OpenAsync(CancellationToken cancellationToken) => Task.FromResult($"open to {CallContext.Current!.Caller}");

    public Task<string> InsideAsync(CancellationToken cancellationToken) => Task.FromResult("inside");

    public Task<string> AuditAsync(CancellationToken cancellationToken) => Task.FromResult($"audited by {CallContext.Current!.Caller}");
}
