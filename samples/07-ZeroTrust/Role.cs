using Micro.Grpc;
using Micro.Sqlite;
using Micro.Tokens;

namespace Samples.ZeroTrust;

/// <summary>One who calls the vault: a host that serves nothing. The name given to AddMicro is its identity.</summary>
internal sealed class Role : IAsyncDisposable
{
    private readonly IHost _host;

    private Role(IHost host) => _host = host;

    public IVault Vault => _host.Services.GetRequiredService<IVault>();

    public IServiceProvider Services => _host.Services;

    /// <param name="name">Who it is.</param>
    /// <param name="token">A token that goes with its calls of the vault; null for none.</param>
    /// <param name="home">Where its authority is; null for the home of this user.</param>
    /// <param name="change">What is special about it.</param>
    public static async Task<Role> StartAsync(string name, string? token = null, string? home = null, Action<IHostApplicationBuilder, IMicroBuilder>? change = null)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration["Micro:Home"] = home;
        var micro = builder.AddMicro(name).AddGrpc().AddSqlite().AddTokens().AddClient<IVault>();
        if (token is not null)
        {
            micro.AddCallToken("vault", _ => new ValueTask<string>(token));
        }

        change?.Invoke(builder, micro);
        var host = builder.Build();
        await host.StartAsync();
        return new Role(host);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}
