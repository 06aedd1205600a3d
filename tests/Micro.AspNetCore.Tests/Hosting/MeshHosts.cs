using Micro.AspNetCore.Hosting;
using Micro.AspNetCore.Tests.Support;
using Micro.Discovery;
using Micro.Grpc;
using Micro.Hosting;
using Micro.Security;
using Micro.Transport;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Micro.AspNetCore.Tests.Hosting;

/// <summary>Whole hosts that find each other in one registry and call over sockets, with what they logged.</summary>
internal sealed class MeshHosts : IAsyncDisposable
{
    private readonly InMemoryServiceRegistry _registry = new(TimeProvider.System);
    private readonly List<IHost> _hosts = [];

    public LogLines Log { get; } = new();

    public InMemoryServiceRegistry Registry => _registry;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A process that serves.</summary>
    public async Task<WebApplication> ServeAsync(
        string name, TestMesh? mesh, Action<IMicroBuilder> add, TimeProvider? clock = null, TimeSpan? handshake = null, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration["Micro:Server:DrainDelay"] = "00:00:00";
        configure?.Invoke(builder);
        Prepare(builder, mesh, clock, handshake);
        add(builder.AddMicro(name).AddServer());
        Secure(builder.Services, mesh);
        var app = builder.Build();
        _hosts.Add(app);
        await app.StartAsync(Token);
        return app;
    }

    /// <summary>A process that only calls.</summary>
    /// <param name="name">As whom the client calls.</param>
    /// <param name="mesh">Where certificates come from; null: plaintext.</param>
    /// <param name="transport">grpc or http.</param>
    /// <param name="first">Another service of the same process, which comes first.</param>
    public async Task<IHost> CallerAsync(string name, TestMesh? mesh, string transport, string? first = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        Prepare(builder, mesh, null, null);
        if (first is not null)
        {
            builder.AddMicro(first);
        }

        var micro = builder.AddMicro(name);
        if (transport == "grpc")
        {
            micro.AddGrpc();
        }

        micro.AddClient<IVault>();
        Secure(builder.Services, mesh);
        var host = builder.Build();
        _hosts.Add(host);
        await host.StartAsync(Token);
        return host;
    }

    public async Task<IVault> ClientAsync(string name, TestMesh? mesh, string transport) => (await CallerAsync(name, mesh, transport)).Services.GetRequiredService<IVault>();

    /// <summary>Where a service is reached, by transport.</summary>
    public async Task<Uri> AddressAsync(string service, string transport)
    {
        var found = await _registry.WatchAsync(service, Token).FirstAsync(snapshot => snapshot.Instances.Length > 0, Token);
        return found.Instances[0].Addresses.First(address => MicroAddress.Transport(address) == transport);
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        foreach (var host in Enumerable.Reverse(_hosts))
        {
            await host.StopAsync(now.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await ((IAsyncDisposable)host).DisposeAsync();
        }
    }

    private void Prepare(IHostApplicationBuilder builder, TestMesh? mesh, TimeProvider? clock, TimeSpan? handshake)
    {
        builder.Logging.ClearProviders().AddProvider(Log).SetMinimumLevel(LogLevel.Debug);
        builder.Configuration["Micro:Home"] = Path.GetTempPath();
        builder.Configuration["Micro:Security:Insecure"] = mesh is null ? "true" : "false";
        builder.Services.AddSingleton<IServiceRegistry>(_registry).AddSingleton<IServiceResolver>(_registry);
        if (clock is not null)
        {
            builder.Services.AddSingleton(clock);
        }

        if (mesh is not null && handshake is { } limit)
        {
            builder.Services.AddSingleton(provider => new PeerSecurity(
                mesh, mesh.Security.Tls, mesh.Options, TimeProvider.System, provider.GetRequiredService<ILogger<PeerSecurity>>()) { HandshakeTimeout = limit });
        }
    }

    private static void Secure(IServiceCollection services, TestMesh? mesh)
    {
        if (mesh is not null)
        {
            services.Replace(ServiceDescriptor.Singleton<ICredentialSource>(mesh));
        }
    }
}
