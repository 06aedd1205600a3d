using Micro.AspNetCore.Tests.Support;
using Micro.Hosting;
using Micro.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Micro.AspNetCore.Tests.Authority;

/// <summary>A process with a home of its own, as on a machine of its own.</summary>
internal sealed class Machine : IAsyncDisposable
{
    private readonly IHost _host;

    private Machine(IHost host, LogLines log) => (_host, Log) = (host, log);

    public IServiceProvider Services => _host.Services;

    public LogLines Log { get; }

    public ICredentialSource Credentials => Services.GetRequiredService<ICredentialSource>();

    /// <exception cref="Exception">What stops the start.</exception>
    public static async Task<Machine> StartAsync(string name, string home, IEnumerable<KeyValuePair<string, string?>> settings, Action<IMicroBuilder> add, bool serves)
    {
        var web = serves ? WebApplication.CreateSlimBuilder() : null;
        IHostApplicationBuilder builder = web is null ? Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true }) : web;
        builder.Configuration.AddInMemoryCollection([new("Micro:Home", home), new("Micro:Discovery:Provider", "static"), .. settings]);
        var log = new LogLines();
        builder.Logging.ClearProviders().AddProvider(log).SetMinimumLevel(LogLevel.Debug);
        add(builder.AddMicro(name));
        var machine = new Machine(web is null ? ((HostApplicationBuilder)builder).Build() : web.Build(), log);
        try
        {
            await machine._host.StartAsync(TestContext.Current.CancellationToken);
            return machine;
        }
        catch
        {
            await machine.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _host.StopAsync(now.Token);
        await ((IAsyncDisposable)_host).DisposeAsync();
    }
}
