using Micro.Discovery;
using Micro.Hosting;
using Micro.Rpc;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Micro.Tests.Support;

/// <summary>Hosts of one test in one process: they share a registry in memory and call each other in process, each with containers and pipelines of its own.</summary>
internal sealed class ProbeHosts : IAsyncDisposable
{
    private readonly List<IHost> _hosts = [];
    private readonly HashSet<IHost> _started = [];

    public ProbeHosts(TimeProvider? clock = null)
    {
        Clock = clock ?? TimeProvider.System;
        Registry = new InMemoryServiceRegistry(TimeProvider.System);
    }

    public TimeProvider Clock { get; }

    public InMemoryServiceRegistry Registry { get; }

    /// <summary>Starts a host with the shared registry.</summary>
    public async Task<IHost> StartAsync(string name, Action<IMicroBuilder> configure, Action<HostApplicationBuilder>? host = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddLogging(logging => logging.ClearProviders());
        builder.Services.AddSingleton(Clock);
        builder.Services.AddSingleton<IServiceRegistry>(Registry);
        builder.Services.AddSingleton<IServiceResolver>(Registry);
        builder.Configuration["Micro:Server:DrainDelay"] = "00:00:00";
        host?.Invoke(builder);
        configure(builder.AddMicro(name));
        var built = builder.Build();
        _hosts.Add(built);
        await built.StartAsync(TestContext.Current.CancellationToken);
        _started.Add(built);
        return built;
    }

    /// <summary>Starts a host that serves a probe.</summary>
    public Task<IHost> ServeAsync(Probe probe, Action<IMicroBuilder>? configure = null) => StartAsync("probe", micro =>
    {
        micro.AddInProcess().AddService<IProbe>(probe);
        configure?.Invoke(micro);
    });

    /// <summary>Starts a host that only calls.</summary>
    public async Task<IProbe> ClientAsync(Action<RpcClientOptions>? options = null, Action<IMicroBuilder>? configure = null)
    {
        var host = await StartAsync("client", micro =>
        {
            micro.AddClient<IProbe>(options);
            configure?.Invoke(micro);
        });
        return host.Services.GetRequiredService<IProbe>();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in Enumerable.Reverse(_hosts))
        {
            // The platform's host does not bear to be stopped when its services could not be made.
            if (_started.Contains(host))
            {
                await host.StopAsync();
            }

            await ((IAsyncDisposable)host).DisposeAsync();
        }
    }
}
