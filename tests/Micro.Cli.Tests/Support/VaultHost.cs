using System.Diagnostics;
using Micro.AspNetCore.Hosting;
using Micro.Discovery;
using Micro.Hosting;
using Micro.Security;
using Micro.Sqlite;
using Micro.Tokens;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Micro.Cli.Tests.Support;

/// <summary>A service that few may call, in a home of its own, with tokens, a file of rules, and every log line kept.</summary>
public sealed class VaultHost : IAsyncLifetime
{
    private readonly WebApplication _app;

    public VaultHost()
    {
        File.WriteAllText(Rules, """{ "version": 1, "rules": [ { "id": "no-guests", "effect": "deny", "priority": 5, "caller": "guest" } ] }""");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection([new("Micro:Home", Home), new("Micro:Security:RulesFile", Rules)]);
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Trace).AddProvider(Logs);
        builder.AddMicro("vault").AddServer().AddTokens().AddService<IVault, Vault>().AddSqlite();
        _app = builder.Build();
    }

    public string Home { get; } = Directory.CreateTempSubdirectory("micro-cli-").FullName;

    public string Rules => Path.Combine(Home, "rules.json");

    public IServiceProvider Services => _app.Services;

    internal CapturedLogs Logs { get; } = new();

    public async ValueTask<ServiceCredential> CredentialAsync() => await Services.GetRequiredService<ICredentialSource>().GetAsync(
        ServiceIdentity.Create("micro.local", "default", "vault"), TestContext.Current.CancellationToken);

    public async ValueTask InitializeAsync()
    {
        await _app.StartAsync();
        await foreach (var snapshot in Services.GetRequiredService<IServiceResolver>().WatchAsync("vault", CancellationToken.None))
        {
            if (!snapshot.Instances.IsEmpty)
            {
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

    /// <summary>Runs the tool in this home.</summary>
    internal Task<ToolRun> RunAsync(params string[] args) => Tool.RunAsync([.. args, "--home", Home]);
}
