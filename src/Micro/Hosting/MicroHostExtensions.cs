using System.Diagnostics.Metrics;
using Micro.Codecs;
using Micro.Discovery;
using Micro.Internal;
using Micro.LoadBalancing;
using Micro.Rpc;
using Micro.Security;
using Micro.Transport;
using Micro.Transport.Http;
using Micro.Transport.InProcess;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Micro.Hosting;

/// <summary>How Micro joins a host.</summary>
public static class MicroHostExtensions
{
    /// <summary>
    /// Adds Micro to a host, under the name of the service the process is. May be called several times with different names: several services in one process
    /// share the transports.
    /// </summary>
    /// <param name="builder">Any host: <c>WebApplication.CreateSlimBuilder</c>, <c>Host.CreateApplicationBuilder</c>.</param>
    /// <param name="name">1 to 200 letters, digits, <c>.</c>, <c>_</c>, <c>-</c>.</param>
    public static IMicroBuilder AddMicro(this IHostApplicationBuilder builder, string name)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ServiceInstance.CheckName(name);
        var micro = new MicroBuilder(name, builder.Services, builder.Configuration);
        if (builder.Services.All(service => service.ServiceType != typeof(MicroLifecycle)))
        {
            AddCore(micro);
        }

        var self = new LocalService(name);
        if (builder.Services.All(service => !self.Equals(service.ImplementationInstance)))
        {
            builder.Services.AddSingleton(self);
        }

        return micro;
    }

    private static void AddCore(MicroBuilder micro)
    {
        var services = micro.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(_ => RandomSource.Create());
        services.TryAddSingleton(provider => new CallTelemetry(provider.GetService<IMeterFactory>(), provider.GetRequiredService<TimeProvider>()));
        AddOptions(services);
        services.AddCodecSet();
        services.AddMicroLoadBalancing();
        services.AddMicroDiscovery();
        services.AddMicroSecurity();
        AddClientSide(services);
        services.AddMicroRules(micro.Configuration);
        AddServerSide(services);
        services.AddHostedService<JoinAtStart>();
        services.TryAddSingleton<LifecycleServices>();
        services.TryAddSingleton<MicroLifecycle>();
        services.AddHostedService(provider => provider.GetRequiredService<MicroLifecycle>());
        services.AddHealthChecks().AddCheck<MicroReadiness>("micro", tags: ["ready"]);
    }

    private static void AddOptions(IServiceCollection services)
    {
        services.AddOptions<RpcClientOptions>().BindConfiguration("Micro:Client").ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RpcClientOptions>, RpcClientOptionsValidation>());
        services.AddOptions<RpcServerOptions>().BindConfiguration("Micro:Server").ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RpcServerOptions>, RpcServerOptionsValidation>());
        services.AddOptions<MicroInstanceOptions>().BindConfiguration("Micro").ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<MicroInstanceOptions>, MicroInstanceOptionsValidation>());
        services.AddOptions<OutlierEjectionOptions>().BindConfiguration("Micro:OutlierEjection");
    }

    private static void AddClientSide(IServiceCollection services)
    {
        services.AddSingleton<IClientTransport, InProcessClientTransport>();
        services.AddHttpClientTransport();
        services.TryAddSingleton(provider => new ClientRuntime(
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<RandomSource>(),
            provider.GetRequiredService<CallTelemetry>(),
            provider.GetRequiredService<LoadBalancerTable>(),
            provider.GetRequiredService<IOptions<OutlierEjectionOptions>>().Value,
            provider.GetRequiredService<ILoggerFactory>())
        {
            Security = provider.GetRequiredService<IOptions<MicroSecurityOptions>>().Value.Insecure ? null : provider.GetRequiredService<PeerSecurity>(),
        });
        services.TryAddSingleton(provider => new ClientInterceptors(
            [.. provider.GetServices<InterceptorRegistration>().Where(one => one.Client).Select(one => one.Create(provider))]));
        services.TryAddSingleton<ClientServices>();
        services.TryAddSingleton<ClientChannels>();
        services.TryAddSingleton(provider => new UntypedClient(provider.GetRequiredService<ClientChannels>()));
        services.TryAddSingleton(provider => new ReflectionClient(provider.GetRequiredService<UntypedClient>()));
    }

    private static void AddServerSide(IServiceCollection services)
    {
        services.TryAddSingleton(provider => new ServerRuntime(
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<CallTelemetry>(),
            provider.GetRequiredService<CallAuthorization>(),
            provider.GetRequiredService<CallerRecognition>(),
            provider.GetRequiredService<ILoggerFactory>()));
        services.TryAddSingleton(provider => new ServerInterceptors(
            [.. provider.GetServices<InterceptorRegistration>().Where(one => one.Server).Select(one => one.Create(provider))]));
        services.TryAddSingleton<ServerPipeline>();
        services.TryAddSingleton<ICallAcceptor>(provider => provider.GetRequiredService<ServerPipeline>());
        services.AddSingleton(ReflectionContract.Hosted);
        services.AddSingleton(new JsonMetadata(ReflectionJson.Default));
    }
}
