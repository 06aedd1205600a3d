using Micro.AspNetCore.Grpc;
using Micro.Hosting;
using Micro.Transport;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Micro.AspNetCore.Hosting;

/// <summary>The verb that lets a process be called.</summary>
public static class ServerBuilderExtensions
{
    /// <summary>
    /// Serves the process's contracts over grpc and http on the Kestrel of a <c>WebApplication</c>, with <c>/health</c>, <c>/alive</c> and the gRPC health service.
    /// The host maps nothing for it. One server serves all <c>AddMicro</c> of a process; calling it again adds to the options.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Options, over those of <c>Micro:Server</c>, <c>Micro:Listen</c> and <c>Micro:Advertise</c>.</param>
    public static IMicroBuilder AddServer(this IMicroBuilder builder, Action<MicroServerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        if (configure is not null)
        {
            services.AddOptions<MicroServerOptions>().Configure(configure);
        }

        if (services.Any(service => service.ServiceType == typeof(KestrelServerTransport)))
        {
            return builder;
        }

        services.Insert(0, ServiceDescriptor.Singleton<IConfigureOptions<MicroServerOptions>>(new MicroServerOptionsSetup(builder.Configuration)));
        services.AddSingleton<IValidateOptions<MicroServerOptions>>(new MicroServerOptionsSetup(builder.Configuration));
        services.AddOptions<MicroServerOptions>().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<ServedServices>();
        services.AddSingleton<KestrelServerTransport>();
        services.AddSingleton<IServerTransport>(provider => provider.GetRequiredService<KestrelServerTransport>());
        services.AddSingleton<IConnectionListenerFactory, ListenerFactory>();
        services.AddSingleton<IPostConfigureOptions<KestrelServerOptions>, KestrelLimits>();
        services.AddSingleton<IStartupFilter, MicroStartupFilter>();
        services.AddHealthChecks();
        AddGrpcServer(services);
        return builder;
    }

    private static void AddGrpcServer(IServiceCollection services)
    {
        services.AddGrpc();
        services.AddOptions<global::Grpc.AspNetCore.Server.GrpcServiceOptions>().Configure<IOptions<MicroServerOptions>>(static (grpc, server) =>
        {
            grpc.MaxReceiveMessageSize = server.Value.MaxMessageBytes;
            grpc.MaxSendMessageSize = server.Value.MaxMessageBytes;
            grpc.ResponseCompressionAlgorithm = server.Value.ResponseCompression;
            grpc.EnableDetailedErrors = false;
        });
        services.AddSingleton(new BuiltInGrpcService("grpc.health.v1.Health", static provider => global::Grpc.Health.V1.Health.BindService(new GrpcHealthService(
            provider.GetRequiredService<HealthCheckService>(),
            provider.GetRequiredService<ICallAcceptor>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<IHostApplicationLifetime>()))) { IsExempt = true });
    }
}
