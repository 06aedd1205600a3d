using Micro.AspNetCore.Authority;
using Micro.AspNetCore.Hosting;
using Micro.Hosting;
using Micro.Security;
using Micro.Sqlite;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Micro.Cli;

/// <summary>The tool as the authority: of this machine alone while its host is only built, of others once it is started.</summary>
internal static class AuthorityHost
{
    public const string Listen = "grpc://127.0.0.1:7443";
    public const string JoinListen = "http://127.0.0.1:7444";

    /// <summary>Builds the host.</summary>
    /// <param name="settings">What every command has.</param>
    /// <param name="given">What this one has, over the environment.</param>
    public static WebApplication Build(ToolSettings settings, params IEnumerable<KeyValuePair<string, string?>> given)
    {
        // Nothing of what a web application reads by itself: an appsettings.json or URLs that lie around belong to some service.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = AuthorityRequests.Service });
        builder.WebHost.UseKestrelCore();
        builder.Configuration
            .AddInMemoryCollection(
            [
                new("Micro:Listen", Listen),
                new("Micro:Authority:JoinListen", JoinListen),

                // As long as the longest leaf lives: who has a leaf that is valid has then heard of the root that signs the authority's own.
                new("Micro:Security:Local:RootPropagation", "1.01:00:00"),
                new("Micro:Server:DrainDelay", "00:00:00.1"),
                new("Micro:Server:DrainTimeout", "00:00:01"),
                new("Micro:StartWithoutRegistry", "true"),
            ])
            .AddEnvironmentVariables()
            .AddInMemoryCollection([new("Micro:Security:Provider", CredentialProviders.Local), .. given])
            .AddInMemoryCollection(settings.Home is { } home ? [new("Micro:Home", home)] : []);
        builder.Services.AddSingleton<IHostLifetime, ToolLifetime>();
        if (settings.Verbose)
        {
            ToolHost.AddLogs(builder.Logging);
        }

        builder.AddMicro(AuthorityRequests.Service).AddSqlite().AddAuthority();
        return builder.Build();
    }
}
