using Micro.Hosting;
using Micro.Internal;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Micro.LoadBalancing;

/// <summary>Verbs that add balancers.</summary>
public static class LoadBalancerBuilderExtensions
{
    /// <summary>
    /// Adds a balancer that <c>Micro:Client:LoadBalancer</c> and the options of clients can name. One under the name of a built-in one replaces it; two under one
    /// name fail at start.
    /// </summary>
    /// <param name="builder">The service.</param>
    /// <param name="name">Name it is configured by; case does not count.</param>
    /// <param name="create">Makes the balancer, once for each service that is called, so that it may keep what it needs. Not disposed by Micro.</param>
    public static IMicroBuilder AddLoadBalancer(this IMicroBuilder builder, string name, Func<IServiceProvider, ILoadBalancer> create)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(create);
        builder.Services.AddSingleton(new LoadBalancerRegistration(name, create));
        return builder;
    }

    /// <summary>Makes the table of everything that is registered, and checks the options of ejection.</summary>
    internal static IServiceCollection AddMicroLoadBalancing(this IServiceCollection services)
    {
        services.TryAddSingleton(provider => new LoadBalancerTable(
            provider, provider.GetServices<LoadBalancerRegistration>(), provider.GetService<RandomSource>() ?? RandomSource.Create()));
        services.AddOptions<OutlierEjectionOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<OutlierEjectionOptions>, OutlierEjectionOptionsValidation>());
        return services;
    }
}
