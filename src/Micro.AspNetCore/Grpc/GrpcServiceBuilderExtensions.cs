using System.Diagnostics.CodeAnalysis;
using Micro.Hosting;
using Micro.Rpc;
using Microsoft.Extensions.DependencyInjection;

namespace Micro.AspNetCore.Grpc;

/// <summary>The verb that hosts service classes of Grpc.Tools.</summary>
public static class GrpcServiceBuilderExtensions
{
    /// <summary>
    /// Serves a class that derives from a <c>XxxBase</c> Grpc.Tools generated, like any contract: registered and drained with the process, authorised, on its
    /// path <c>/package.Service/Method</c> over gRPC, over HTTP as JSON, and over every other transport there is. Needs the codecs of <c>AddGrpc</c>.
    /// </summary>
    /// <remarks>
    /// Nobody may call what no <c>[Allow]</c> admits: one on the class holds for all its methods, one on an override replaces it for that method; neither is
    /// inherited. <c>[Idempotent]</c> on an override, or <c>idempotency_level</c> in the .proto, is handed on. Methods the class does not override are not served.
    /// One object is made for each call, in the call's own scope, which disposes it, unless the class is registered otherwise (as a singleton, say: then it is
    /// called from many threads at once).
    /// </remarks>
    /// <typeparam name="TService">The class. It is made with what dependency injection has for its constructor.</typeparam>
    /// <param name="builder">The builder.</param>
    /// <param name="service">Name of the service that is registered and resolved. Default: the name given to <c>AddMicro</c>.</param>
    /// <exception cref="InvalidOperationException">The class is no such service, is abstract, or overrides no method.</exception>
    /// <exception cref="ArgumentException"><paramref name="service"/> is not a name.</exception>
    public static IMicroBuilder AddGrpcService<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors | DynamicallyAccessedMemberTypes.PublicMethods)] TService>(
        this IMicroBuilder builder, string? service = null)
        where TService : class
    {
        ArgumentNullException.ThrowIfNull(builder);
        var definition = GrpcServiceDefinition<TService>.Read(service ?? builder.Name);
        if (builder.Services.All(registered => registered.ServiceType != typeof(TService)))
        {
            var create = ActivatorUtilities.CreateFactory<TService>([]);
            builder.Services.AddScoped(services => create(services, []));
        }

        if (definition.Descriptor is { } descriptor)
        {
            builder.Services.AddSingleton(new ReflectedFile(descriptor.File, [descriptor.FullName]));
        }

        return builder.AddHosted(new HostedContract(definition.Contract, static services => services.GetRequiredService<TService>(), typeof(TService).Name)
        {
            // Without it the class would start, refuse every gRPC client and answer JSON of another shape than its .proto says.
            ContentType = Codecs.ContentTypes.Protobuf,
        });
    }
}
