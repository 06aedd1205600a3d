using Micro.Grpc.Codecs;
using Micro.Hosting;
using Micro.Transport;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Micro.Grpc;

/// <summary>The verb that lets a process call over gRPC.</summary>
public static class GrpcBuilderExtensions
{
    /// <summary>
    /// Adds the grpc client transport (addresses <c>grpc+insecure://host:port</c>, <c>grpc+unix+insecure:///path</c>) and the codec of Protocol Buffers
    /// messages. Calling it again adds to the options.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Options, over those of <c>Micro:Grpc</c>.</param>
    public static IMicroBuilder AddGrpc(this IMicroBuilder builder, Action<GrpcClientOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        var options = services.AddOptions<GrpcClientOptions>().Bind(builder.Configuration.GetSection("Micro:Grpc")).ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<GrpcClientOptions>, GrpcClientOptionsValidation>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IClientTransport, GrpcClientTransport>());
        return builder.AddProtobufCodecs();
    }
}
