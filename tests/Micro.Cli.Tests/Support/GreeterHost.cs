using System.Diagnostics;
using Micro.AspNetCore.Hosting;
using Micro.Cli.Tests.Support;
using Micro.Discovery;
using Micro.Hosting;
using Micro.Sqlite;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

[assembly: AssemblyFixture(typeof(GreeterHost))]

namespace Micro.Cli.Tests.Support;

/// <summary>The service the tool is tried on: registered in a home of its own, over grpc and http on loopback.</summary>
public sealed class GreeterHost : IAsyncLifetime
{
    private readonly WebApplication _app;

    public GreeterHost()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(
        [
            new("Micro:Home", Home),
            new("Micro:Version", "1.2.3"),
        ]);
        builder.Logging.ClearProviders();
        builder.AddMicro("greeter").AddServer().AddService<IGreeter>(Greeter).AddService<IPolite>(Greeter).AddSqlite();
        _app = builder.Build();
    }

    public string Home { get; } = Directory.CreateTempSubdirectory("micro-cli-").FullName;

    internal Greeter Greeter { get; } = new();

    /// <summary>As it is registered.</summary>
    public ServiceInstance Instance { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await _app.StartAsync();
        await foreach (var snapshot in _app.Services.GetRequiredService<IServiceResolver>().WatchAsync("greeter", CancellationToken.None))
        {
            if (!snapshot.Instances.IsEmpty)
            {
                Instance = Assert.Single(snapshot.Instances);
                return;
            }
        }

        throw new UnreachableException();
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        Directory.Delete(Home, recursive: true);
    }
}
