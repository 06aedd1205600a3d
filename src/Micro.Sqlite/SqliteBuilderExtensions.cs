using Micro.Discovery;
using Micro.Hosting;
using Micro.Sqlite.Discovery;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Micro.Sqlite;

/// <summary>Verbs of the embedded engine, for many processes of one user on one machine.</summary>
public static class SqliteBuilderExtensions
{
    /// <summary>Name of the engine's candidates, e.g. in <c>Micro:Discovery:Provider</c>.</summary>
    public const string ProviderName = "sqlite";

    /// <summary>Adds everything the engine offers: discovery.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Changes the options after configuration did.</param>
    public static IMicroBuilder AddSqlite(this IMicroBuilder builder, Action<SqliteOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = new SqliteOptions();
        Bind(builder.Configuration, options.Discovery);
        configure?.Invoke(options);
        options.Discovery.Home ??= options.Home;
        return Add(builder, options.Discovery);
    }

    /// <summary>
    /// Adds the candidate <c>sqlite</c> for discovery: registrations are rows of the file <c>live.db</c> in the home directory. Adding it again, for
    /// another service of the same host, changes nothing.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Changes the options after configuration (<c>Micro:Discovery:Sqlite</c>) did.</param>
    /// <exception cref="ArgumentException">The options do not fit together.</exception>
    public static IMicroBuilder AddSqliteDiscovery(this IMicroBuilder builder, Action<SqliteDiscoveryOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = new SqliteDiscoveryOptions();
        Bind(builder.Configuration, options);
        configure?.Invoke(options);
        return Add(builder, options);
    }

    private static void Bind(IConfiguration configuration, SqliteDiscoveryOptions options) => configuration.GetSection("Micro:Discovery:Sqlite").Bind(options);

    private static IMicroBuilder Add(IMicroBuilder builder, SqliteDiscoveryOptions options)
    {
        options.Check();
        if (builder.Services.Any(service => service.ServiceType == typeof(Marker)))
        {
            return builder;
        }

        var configuration = builder.Configuration;
        builder.Services.AddSingleton<Marker>();
        return builder.AddDiscovery(new DiscoveryProvider(
            ProviderName,
            services => new SqliteServiceResolver(Home(options, configuration), options, Time(services), Logger<SqliteServiceResolver>(services)),
            services => new SqliteServiceRegistry(Home(options, configuration), options, Time(services), Logger<SqliteServiceRegistry>(services))));
    }

    private static string Home(SqliteDiscoveryOptions options, IConfiguration configuration) =>
        options.Home is { } home ? Path.GetFullPath(home) : MicroHome.Resolve(configuration);

    private static TimeProvider Time(IServiceProvider services) => services.GetService<TimeProvider>() ?? TimeProvider.System;

    private static ILogger<T> Logger<T>(IServiceProvider services) => services.GetService<ILogger<T>>() ?? NullLogger<T>.Instance;

    // Tells that the candidate is there already.
    private sealed class Marker;
}
