using System.Net;
using Micro.Grpc;
using Micro.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Micro.Interop.Tests.Support;

/// <summary>A server of plain Grpc.AspNetCore, and a Micro client that finds it in configuration.</summary>
internal sealed class PlainServer : IAsyncDisposable
{
    private readonly WebApplication _server;
    private readonly IHost _client;

    private PlainServer(WebApplication server, IHost client)
    {
        _server = server;
        _client = client;
    }

    public ITestService Client => _client.Services.GetRequiredService<ITestService>();

    public IServiceProvider Services => _client.Services;

    public static async Task<PlainServer> StartAsync(Action<IServiceCollection>? grpc = null)
    {
        var server = WebApplication.CreateSlimBuilder();
        server.Logging.ClearProviders();
        var port = FreePort.Next();
        server.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http2));
        server.Services.AddGrpc();
        grpc?.Invoke(server.Services);
        var app = server.Build();
        app.MapGrpcService<PlainHandler>();
        await app.StartAsync(TestContext.Current.CancellationToken);

        var client = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        client.Configuration["Micro:Discovery:Provider"] = "static";
        client.Configuration["Micro:Services:interop"] = $"grpc+insecure://127.0.0.1:{port}";
        client.Configuration["Micro:Security:Insecure"] = "true";
        client.AddMicro("client").AddGrpc().AddClient<ITestService>().AddClient<IMissingService>();
        var host = client.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        return new PlainServer(app, host);
    }

    public async ValueTask DisposeAsync()
    {
        await _client.StopAsync();
        _client.Dispose();
        await _server.StopAsync();
        await _server.DisposeAsync();
    }
}
