using System.Collections.Concurrent;
using global::Grpc.Core;
using Micro.Transport;

namespace Micro.Grpc;

/// <summary>
/// The method objects of grpc-dotnet, one for each path: channels cache by them, so there must not be a new one for each call. Bounded by the
/// number of distinct methods a process calls.
/// </summary>
internal sealed class GrpcMethods
{
    private readonly ConcurrentDictionary<string, Method<GrpcRequest, CallMessage>> _streams = new(StringComparer.Ordinal);

    /// <summary>All four kinds have the same bytes on the wire, so a stream of any kind is opened as the freest one.</summary>
    public Method<GrpcRequest, CallMessage> Stream(CallSpec spec) =>
        _streams.TryGetValue(spec.Path, out var method) ? method : _streams.GetOrAdd(spec.Path, Create(spec));

    private static Method<GrpcRequest, CallMessage> Create(CallSpec spec) =>
        new(MethodType.DuplexStreaming, spec.Contract, spec.Method, GrpcRequest.Marshaller, GrpcRequest.ResponseMarshaller);
}
