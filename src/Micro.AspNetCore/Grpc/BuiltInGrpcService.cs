using global::Grpc.Core;

namespace Micro.AspNetCore.Grpc;

/// <summary>A gRPC service of the server itself, outside of the pipeline: health, reflection.</summary>
/// <param name="Name">Its full name.</param>
/// <param name="Bind">Makes its methods.</param>
internal sealed record BuiltInGrpcService(string Name, Func<IServiceProvider, ServerServiceDefinition> Bind)
{
    /// <summary>Whether anyone may call it, as health checkers have to. Its methods are matched exactly, like all others.</summary>
    public bool IsExempt { get; init; }
}
