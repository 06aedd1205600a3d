using System.Net;
using Micro.AspNetCore.Tests.Support;
using Micro.Testing.Transport;
using Micro.Transport;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Micro.AspNetCore.Tests.Hosting;

/// <summary>When calls are taken, and what is left to the host.</summary>
public sealed class AttachTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task LB_3_Before_and_after_listening_calls_are_UNAVAILABLE_and_not_processed()
    {
        var port = ListenTests.FreePort();
        var acceptor = new ScriptedAcceptor().On(ScriptedAcceptor.Unary, _ => new(CallEnd.Ok));
        await using var server = await TestServer.StartAsync(
            acceptor, options: options => options.Listen.Add($"grpc+insecure://127.0.0.1:{port}"), attach: false);
        Assert.Equal(CallStatusCode.Unavailable, await CallAsync(ScriptedAcceptor.Unary.Path, notProcessed: true));
        Assert.Equal(CallStatusCode.Unavailable, await CallAsync("/conformance.Probe/Nothing", notProcessed: true));
        await server.AttachAsync();
        Assert.Equal(CallStatusCode.Ok, await CallAsync(ScriptedAcceptor.Unary.Path, notProcessed: false));
        await server.DetachAsync();
        Assert.Equal(CallStatusCode.Unavailable, await CallAsync(ScriptedAcceptor.Unary.Path, notProcessed: true));
        Assert.Equal(1, acceptor.Accepted);

        async Task<CallStatusCode?> CallAsync(string path, bool notProcessed)
        {
            await using var raw = await RawHttp2.ConnectAsync(new Uri($"grpc://127.0.0.1:{port}"), Token);
            await raw.SendHeadersAsync(1, RawHttp2.Request(path), end: true, Token);
            var (code, text) = await raw.OutcomeAsync(1, Token);
            Assert.Equal(notProcessed, text.Contains("micro-executed", StringComparison.Ordinal));
            return code;
        }
    }

    [Fact]
    public async Task V19_A_second_listener_is_refused_and_disposing_twice_does_nothing_more()
    {
        await using var server = await TestServer.StartAsync(new ScriptedAcceptor());
        await Assert.ThrowsAsync<InvalidOperationException>(server.AttachAsync);
        await server.DetachAsync();
        await server.DetachAsync();
    }

    [Fact]
    public async Task Routes_of_the_host_are_reached_beside_the_calls()
    {
        await using var server = await TestServer.StartAsync(new ScriptedAcceptor(), map: app =>
        {
            app.MapGet("/own", () => "yes");
            app.MapPost("/grpc/own", (HttpContext context) =>
            {
                context.Response.ContentType = "application/grpc";
                context.Response.Headers["grpc-status"] = "15";
            });
        });
        using var client = new HttpClient();
        Assert.Equal("yes", await client.GetStringAsync($"http://127.0.0.1:{server.Http.Port}/own", Token));
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync($"http://127.0.0.1:{server.Http.Port}/other", Token)).StatusCode);

        // A gRPC service the host maps itself is the host's.
        await using var raw = await RawHttp2.ConnectAsync(server.Grpc, Token);
        await raw.SendHeadersAsync(1, RawHttp2.Request("/grpc/own"), end: true, Token);
        Assert.Equal(CallStatusCode.DataLoss, (await raw.OutcomeAsync(1, Token)).Code);
    }

    [Fact]
    public async Task Grpc_over_HTTP_1_is_told_to_upgrade_and_other_methods_than_POST_are_refused()
    {
        await using var server = await TestServer.StartAsync(new ScriptedAcceptor());
        using var client = new HttpClient();
        using var upgrade = await client.SendAsync(Request(HttpMethod.Post, server.Http.Port, HttpVersion.Version11), Token);
        Assert.Equal(HttpStatusCode.UpgradeRequired, upgrade.StatusCode);
        using var refused = await client.SendAsync(Request(HttpMethod.Get, server.Grpc.Port, HttpVersion.Version20), Token);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, refused.StatusCode);

        static HttpRequestMessage Request(HttpMethod method, int port, Version version)
        {
            var request = new HttpRequestMessage(method, $"http://127.0.0.1:{port}{ScriptedAcceptor.Unary.Path}")
            {
                Version = version,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                Content = new ByteArrayContent([]),
            };
            request.Content.Headers.ContentType = new("application/grpc");
            return request;
        }
    }
}
