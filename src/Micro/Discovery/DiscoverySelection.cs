using Micro.Hosting;
using Micro.Internal;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Micro.Discovery;

/// <summary>The provider that configuration chooses among the built-in ones and those that packages added. Choosing runs none of their factories.</summary>
internal sealed class DiscoverySelection
{
    public const string Key = "Micro:Discovery:Provider";

    /// <exception cref="ProviderSelectionException">None can be chosen.</exception>
    public DiscoverySelection(IConfiguration configuration, IEnumerable<DiscoveryProvider> added)
    {
        DiscoveryProvider[] candidates = [.. added];
        DiscoveryProvider[] builtIn = [Memory, Static(configuration), Dns(configuration)];
        var name = ProviderSelection.Choose(
            Key,
            configuration[Key],
            [.. builtIn.Select(provider => provider.Name)],
            [.. candidates.Select(provider => provider.Name)],
            DiscoveryProviders.Memory);
        Provider = candidates.Concat(builtIn).First(provider => provider.Name == name);
    }

    public DiscoveryProvider Provider { get; }

    private static DiscoveryProvider Memory { get; } = new(
        DiscoveryProviders.Memory,
        static services => services.GetRequiredService<InMemoryServiceRegistry>(),
        static services => services.GetRequiredService<InMemoryServiceRegistry>());

    private static DiscoveryProvider Static(IConfiguration configuration) => new(
        DiscoveryProviders.Static,
        services => new StaticServiceResolver(configuration, Logger<StaticServiceResolver>(services)),
        null);

    private static DiscoveryProvider Dns(IConfiguration configuration) => new(
        DiscoveryProviders.Dns,
        services => new DnsServiceResolver(
            DnsOptions(configuration),
            System.Net.Dns.GetHostAddressesAsync,
            services.GetService<TimeProvider>() ?? TimeProvider.System,
            RandomSource.Create(),
            Logger<DnsServiceResolver>(services)),
        null);

    private static DnsDiscoveryOptions DnsOptions(IConfiguration configuration)
    {
        var options = new DnsDiscoveryOptions();
        configuration.GetSection("Micro:Discovery:Dns").Bind(options);
        return options;
    }

    private static ILogger<T> Logger<T>(IServiceProvider services) => services.GetService<ILogger<T>>() ?? NullLogger<T>.Instance;
}
