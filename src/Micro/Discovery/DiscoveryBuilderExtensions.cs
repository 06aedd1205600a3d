using Micro.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Micro.Discovery;

/// <summary>Verbs of discovery.</summary>
public static class DiscoveryBuilderExtensions
{
    /// <summary>
    /// Adds a candidate for discovery beside the built-in ones of <see cref="DiscoveryProviders"/>. <c>Micro:Discovery:Provider</c> chooses by name;
    /// without it a single added candidate is used, or <c>memory</c> when there is none. The host does not start, with a
    /// <see cref="ProviderSelectionException"/>, when nothing can be chosen.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="provider">Its factories run only when it is chosen, once each.</param>
    public static IMicroBuilder AddDiscovery(this IMicroBuilder builder, DiscoveryProvider provider)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(provider);
        builder.Services.AddSingleton(provider);
        builder.Services.TryAddSingleton(builder.Configuration);
        builder.Services.AddMicroDiscovery();
        return builder;
    }

    /// <summary>What every host has, whatever was added; calling it again changes nothing.</summary>
    internal static void AddMicroDiscovery(this IServiceCollection services)
    {
        services.TryAddSingleton(provider =>
            new DiscoverySelection(provider.GetRequiredService<IConfiguration>(), provider.GetServices<DiscoveryProvider>()));
        services.TryAddSingleton(provider => new InMemoryServiceRegistry(provider.GetService<TimeProvider>() ?? TimeProvider.System));
        services.TryAddSingleton(provider => provider.GetRequiredService<DiscoverySelection>().Provider.Resolver(provider));
        services.TryAddSingleton(provider =>
        {
            var chosen = provider.GetRequiredService<DiscoverySelection>().Provider;
            return chosen.Registry?.Invoke(provider) ?? new FindOnlyServiceRegistry(chosen.Name);
        });
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, DiscoveryStartCheck>());
    }
}
