using Google.Protobuf.Reflection;
using global::Grpc.Reflection;
using Micro.Hosting;
using Micro.Security;
using Microsoft.Extensions.DependencyInjection;

namespace Micro.AspNetCore.Grpc;

/// <summary>The verb for gRPC server reflection.</summary>
public static class GrpcReflectionBuilderExtensions
{
    /// <summary>
    /// Lets tools such as grpcurl list and describe the services of .proto files over gRPC reflection (v1 and v1alpha). Without it nothing is listed. Contracts that
    /// are C# interfaces with records have no .proto and are described by <c>micro describe</c> instead. Services of <c>AddGrpcService</c> need not be named. Services of
    /// the trust domain may ask; rules say otherwise.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="files">Descriptors of the .proto files, e.g. <c>GreeterReflection.Descriptor</c>.</param>
    public static IMicroBuilder AddGrpcReflection(this IMicroBuilder builder, params ReadOnlySpan<FileDescriptor> files)
    {
        ArgumentNullException.ThrowIfNull(builder);
        foreach (var file in files)
        {
            builder.Services.AddSingleton(new ReflectedFile(file, [.. file.Services.Select(service => service.FullName)]));
        }

        if (builder.Services.All(service => service.ServiceType != typeof(ReflectionMarker)))
        {
            builder.Services.AddSingleton<ReflectionMarker>();
            builder.Services.AddSingleton<IRuleSource>(new FixedRuleSource("gRPC reflection", Allow("grpc.reflection.v1.ServerReflection"), Allow("grpc.reflection.v1alpha.ServerReflection")));
            builder.Services.AddSingleton(new BuiltInGrpcService(
                "grpc.reflection.v1.ServerReflection",
                static services => global::Grpc.Reflection.V1.ServerReflection.BindService(new ReflectionV1ServiceImpl(Names(services), Symbols(services)))));
            builder.Services.AddSingleton(new BuiltInGrpcService(
                "grpc.reflection.v1alpha.ServerReflection",
                static services => global::Grpc.Reflection.V1Alpha.ServerReflection.BindService(new ReflectionServiceImpl(Names(services), Symbols(services)))));
        }

        return builder;
    }

    private static CallRule Allow(string contract) => new()
    {
        Id = contract + "/ServerReflectionInfo#1", Effect = RuleEffect.Allow, Caller = "*/*", Name = contract, Operation = "ServerReflectionInfo",
    };

    private static IEnumerable<FileDescriptor> Files(IServiceProvider services) => services.GetServices<ReflectedFile>().Select(file => file.Descriptor).Distinct();

    private static IEnumerable<string> Names(IServiceProvider services) =>
        services.GetServices<ReflectedFile>().SelectMany(file => file.Services).Concat(services.GetServices<BuiltInGrpcService>().Select(service => service.Name)).Distinct();

    private static SymbolRegistry Symbols(IServiceProvider services) => SymbolRegistry.FromFiles(
        [.. Files(services), global::Grpc.Health.V1.HealthReflection.Descriptor, global::Grpc.Reflection.V1.ReflectionReflection.Descriptor, global::Grpc.Reflection.V1Alpha.ReflectionReflection.Descriptor]);

    private sealed class ReflectionMarker;
}
