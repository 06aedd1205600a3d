using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using global::Grpc.Core;
using global::Grpc.Net.Client;
using Micro.AspNetCore.Tests.Support;
using Micro.Testing.Transport;
using Micro.Transport;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Micro.AspNetCore.Tests.Hosting;

/// <summary>Endpoints of the host's own, with and without TLS.</summary>
public sealed class TlsPortTests
{
    private static readonly Marshaller<byte[]> Bytes = Marshallers.Create<byte[]>(bytes => bytes, bytes => bytes);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task K21_One_tls_port_serves_grpc_and_http()
    {
        using var certificate = Certificate();
        var port = ListenTests.FreePort();
        await using var server = await TestServer.StartAsync(
            Echoing(),
            builder =>
            {
                builder.WebHost.UseKestrelHttpsConfiguration();
                builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen => listen.UseHttps(certificate)));
            },
            options: options => options.Listen.Add("host"),
            insecure: false);
        Assert.Equal([new Uri($"grpc://127.0.0.1:{port}"), new Uri($"http://127.0.0.1:{port}")], server.Addresses);

        using var handler = new SocketsHttpHandler { SslOptions = Trusting(certificate) };
        using var channel = GrpcChannel.ForAddress($"https://127.0.0.1:{port}", new GrpcChannelOptions { HttpHandler = handler });
        var method = new Method<byte[], byte[]>(MethodType.Unary, "conformance.Probe", "Unary", Bytes, Bytes);
        var echo = await channel.CreateCallInvoker().AsyncUnaryCall(method, null, new CallOptions(cancellationToken: Token), "\"a\""u8.ToArray());
        Assert.Equal("\"a\""u8.ToArray(), echo);

        using var http = new HttpClient(new SocketsHttpHandler { SslOptions = Trusting(certificate) });
        using var response = await http.PostAsync($"https://127.0.0.1:{port}/conformance.Probe/Unary", Json("\"b\""), Token);
        Assert.Equal("\"b\"", await response.Content.ReadAsStringAsync(Token));
    }

    [Fact]
    public async Task ID_4_A_plaintext_endpoint_of_the_host_carries_no_calls_unless_that_is_allowed()
    {
        using var certificate = Certificate();
        var (secure, http1, http2) = (ListenTests.FreePort(), ListenTests.FreePort(), ListenTests.FreePort());
        var acceptor = Echoing();
        await using var server = await TestServer.StartAsync(
            acceptor,
            builder =>
            {
                builder.WebHost.UseKestrelHttpsConfiguration();
                builder.WebHost.ConfigureKestrel(kestrel =>
                {
                    kestrel.Listen(IPAddress.Loopback, secure, listen => listen.UseHttps(certificate));
                    kestrel.Listen(IPAddress.Loopback, http1);
                    kestrel.Listen(IPAddress.Loopback, http2, listen => listen.Protocols = HttpProtocols.Http2);
                });
            },
            options: options => options.Listen.Add("host"),
            insecure: false);
        Assert.All(server.Addresses, address => Assert.Equal(secure, address.Port));

        using var http = new HttpClient();
        using var response = await http.PostAsync($"http://127.0.0.1:{http1}/conformance.Probe/Unary", Json("\"b\""), Token);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);

        await using var raw = await RawHttp2.ConnectAsync(new Uri($"http://127.0.0.1:{http2}"), Token);
        await raw.SendHeadersAsync(1, RawHttp2.Request(ScriptedAcceptor.Unary.Path), end: true, Token);
        Assert.Equal(CallStatusCode.Unauthenticated, (await raw.OutcomeAsync(1, Token)).Code);
        Assert.Equal(0, acceptor.Accepted);
    }

    private static StringContent Json(string text) => new(text, null, "application/json");

    private static ScriptedAcceptor Echoing() => new ScriptedAcceptor().On(ScriptedAcceptor.Unary, async call =>
    {
        using var message = await call.Stream.ReadAsync(call.Aborted);
        await call.Stream.WriteAsync(message!.Memory, call.Aborted);
        return CallEnd.Ok;
    });

    private static SslClientAuthenticationOptions Trusting(X509Certificate2 certificate) => new()
    {
        RemoteCertificateValidationCallback = (_, given, _, _) => given?.GetCertHashString() == certificate.GetCertHashString(),
    };

    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var now = TimeProvider.System.GetUtcNow();
        using var made = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null);
    }
}
