using Micro.Discovery;
using Micro.Grpc;
using Micro.Hosting;
using Micro.Rpc;
using Micro.Security;
using Micro.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace Micro.Cli;

/// <summary>The tool as a process of Micro: the same host, resolver and pipeline that a service has. Lives for one command.</summary>
internal sealed class ToolHost : IAsyncDisposable
{
    public const string Name = "micro-cli";

    private readonly IHost _host;

    private ToolHost(IHost host) => _host = host;

    public ServiceLookup Lookup => new(Get<IServiceResolver>(), Get<TimeProvider>());

    public ReflectionClient Reflection => Get<ReflectionClient>();

    /// <summary>Whether calls may go in plaintext.</summary>
    public bool IsInsecure => Get<IOptions<MicroSecurityOptions>>().Value.Insecure;

    public UntypedClient Client => Get<UntypedClient>();

    /// <exception cref="ProviderSelectionException">There is no such registry.</exception>
    public static async Task<ToolHost> StartAsync(ToolSettings settings, CancellationToken cancellationToken, Action<IMicroBuilder>? add = null)
    {
        var host = new ToolHost(Build(settings, add));
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

    public T Get<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    /// <summary>The tool's configuration: the environment and what was given. An appsettings.json that lies in the current directory belongs to some service.</summary>
    public static void Configure(IConfigurationBuilder configuration, ToolSettings settings) =>
        configuration.AddEnvironmentVariables().AddInMemoryCollection(Given(settings));

    private static IHost Build(ToolSettings settings, Action<IMicroBuilder>? add)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true, ApplicationName = ToolHost.Name });
        Configure(builder.Configuration, settings);

        // It serves nothing: a file of rules that services cannot read must not keep the tool from mending it.
        builder.Configuration["Micro:Security:RulesFile"] = null;
        builder.Services.AddSingleton<IHostLifetime, ToolLifetime>();
        if (settings.Verbose)
        {
            AddLogs(builder.Logging);
        }

        var micro = builder.AddMicro(settings.Caller).AddSqlite().AddGrpc();
        add?.Invoke(micro);
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

        if (settings.Insecure)
        {
            yield return new("Micro:Security:Insecure", "true");
        }
    }

    internal static void AddLogs(ILoggingBuilder logging)
    {
        logging.AddSimpleConsole(console => console.SingleLine = true);
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        logging.SetMinimumLevel(LogLevel.Information).AddFilter("Micro", LogLevel.Debug);
    }
}
