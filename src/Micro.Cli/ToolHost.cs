using Micro.Discovery;
using Micro.Grpc;
using Micro.Hosting;
using Micro.Rpc;
using Micro.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Micro.Cli;

/// <summary>The tool as a process of Micro: the same host, resolver and pipeline that a service has. Lives for one command.</summary>
internal sealed class ToolHost : IAsyncDisposable
{
    public const string Name = "micro-cli";

    private readonly IHost _host;

    private ToolHost(IHost host) => _host = host;

    public ServiceLookup Lookup => new(Get<IServiceResolver>(), Get<TimeProvider>());

    public ReflectionClient Reflection => Get<ReflectionClient>();

    public UntypedClient Client => Get<UntypedClient>();

    /// <exception cref="ProviderSelectionException">There is no such registry.</exception>
    public static async Task<ToolHost> StartAsync(ToolSettings settings, CancellationToken cancellationToken)
    {
        var host = new ToolHost(Build(settings));
        try
        {
            await host._host.StartAsync(cancellationToken);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
    }

    private static IHost Build(ToolSettings settings)
    {
        // Without the defaults: an appsettings.json that lies in the current directory belongs to some service, not to the tool.
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true, ApplicationName = ToolHost.Name });
        builder.Configuration
            .AddInMemoryCollection([new("Micro:Security:Insecure", "true")])
            .AddEnvironmentVariables()
            .AddInMemoryCollection(Given(settings));
        builder.Services.AddSingleton<IHostLifetime, ToolLifetime>();
        if (settings.Verbose)
        {
            AddLogs(builder.Logging);
        }

        builder.AddMicro(Name).AddSqlite().AddGrpc();
        return builder.Build();
    }

    private static IEnumerable<KeyValuePair<string, string?>> Given(ToolSettings settings)
    {
        if (settings.Home is { } home)
        {
            yield return new("Micro:Home", home);
        }

        if (settings.Registry is { } registry)
        {
            yield return new("Micro:Discovery:Provider", registry);
        }
    }

    internal static void AddLogs(ILoggingBuilder logging)
    {
        logging.AddSimpleConsole(console => console.SingleLine = true);
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        logging.SetMinimumLevel(LogLevel.Information).AddFilter("Micro", LogLevel.Debug);
    }

    private T Get<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();
}
