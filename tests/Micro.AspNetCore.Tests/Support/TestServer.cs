using Micro.AspNetCore.Hosting;
using Micro.Hosting;
using Micro.Transport;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Micro.AspNetCore.Tests.Support;

/// <summary>A web server with the server half alone: an acceptor of the test's in place of the pipeline, attached as the core's hosting does it.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private IServerListener? _listener;

    private TestServer(WebApplication app) => App = app;

    public WebApplication App { get; }

    public IReadOnlyList<Uri> Addresses => _listener!.Addresses;

    public Uri Grpc => Addresses.First(address => MicroAddress.Transport(address) == "grpc");

    public Uri Http => Addresses.First(address => MicroAddress.Transport(address) == "http");

    public static async Task<TestServer> StartAsync(
        ICallAcceptor acceptor,
        Action<WebApplicationBuilder>? configure = null,
        Action<WebApplication>? map = null,
        Action<MicroServerOptions>? options = null,
        bool insecure = true,
        bool attach = true)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration["Micro:Security:Insecure"] = insecure ? "true" : "false";
        builder.Services.Configure<Micro.Security.MicroSecurityOptions>(security => security.Insecure = insecure);
        builder.Services.AddSingleton(acceptor);
        new Builder(builder.Services, builder.Configuration).AddServer(options);
        configure?.Invoke(builder);
        var server = new TestServer(builder.Build());
        map?.Invoke(server.App);
        try
        {
            await server.App.StartAsync();
            if (attach)
            {
                await server.AttachAsync();
            }
        }
        catch
        {
            await server.App.DisposeAsync();
            throw;
        }

        return server;
    }

    public async Task AttachAsync() =>
        _listener = await App.Services.GetRequiredService<IServerTransport>().ListenAsync(App.Services.GetRequiredService<ICallAcceptor>(), default);

    public ValueTask DetachAsync() => _listener!.DisposeAsync();

    public async ValueTask StopAsync()
    {
        await App.StopAsync();
        if (_listener is not null)
        {
            await _listener.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_listener is not null)
        {
            await _listener.DisposeAsync();
        }

        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await App.StopAsync(now.Token);
        await App.DisposeAsync();
    }

    internal sealed record Builder(IServiceCollection Services, IConfiguration Configuration) : IMicroBuilder
    {
        public string Name => "test";
    }
}
