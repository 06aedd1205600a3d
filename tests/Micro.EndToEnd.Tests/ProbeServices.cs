using Micro.AspNetCore.Hosting;
using Micro.Grpc;
using Micro.Hosting;
using Micro.Sqlite;
using Micro.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Micro.EndToEnd.Tests;

/// <summary>Services and clients of one test, on real sockets, that find each other through a SQLite file in a home of their own.</summary>
internal sealed class ProbeServices : IAsyncDisposable
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("micro-e2e-");
    private readonly List<IHost> _hosts = [];

    /// <summary>Whether the mesh is plaintext. Default true: what goes over it can be made and read by hand.</summary>
    public bool Insecure { get; init; } = true;

    public string Home => Path.Combine(_home.FullName, "home");

    /// <summary>Starts a service as a user would write one.</summary>
    /// <param name="handler">The handler.</param>
    /// <param name="listen">Where, e.g. <c>http+insecure://127.0.0.1:0</c>.</param>
    /// <param name="configure">More.</param>
    public async Task<WebApplication> ServeAsync(IProbe handler, string? listen = null, Action<WebApplicationBuilder, IMicroBuilder>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        Prepare(builder);
        if (listen is not null)
        {
            builder.Configuration["Micro:Listen"] = listen;
        }

        var micro = builder.AddMicro("probe").AddServer().AddGrpc().AddSqlite().AddService<IProbe>(handler);
        configure?.Invoke(builder, micro);
        var app = builder.Build();
        _hosts.Add(app);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }

    /// <summary>Starts a host that only calls.</summary>
    public async Task<IHost> ClientAsync(Action<IMicroBuilder>? configure = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        Prepare(builder);
        var micro = builder.AddMicro("client").AddGrpc().AddSqlite().AddClient<IProbe>(options => options.WaitForReady = true);
        configure?.Invoke(micro);
        var host = builder.Build();
        _hosts.Add(host);
        await host.StartAsync(TestContext.Current.CancellationToken);
        return host;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in Enumerable.Reverse(_hosts))
        {
            await host.StopAsync();
            await ((IAsyncDisposable)host).DisposeAsync();
        }

        _home.Delete(recursive: true);
    }

    private void Prepare(IHostApplicationBuilder builder)
    {
        builder.Logging.ClearProviders();
        builder.Configuration["Micro:Home"] = Home;
        builder.Configuration["Micro:Security:Insecure"] = Insecure ? "true" : "false";
        builder.Configuration["Micro:Server:DrainDelay"] = "00:00:00.050";
    }
}
