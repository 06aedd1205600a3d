using System.Diagnostics.CodeAnalysis;

namespace Micro.Rpc;

/// <summary>One method bound to a client: what a generated client calls. Thread-safe.</summary>
public sealed class ClientMethod<
    [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TRequest,
    [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TResponse>
{
    internal ClientMethod(ClientPipeline pipeline, CallMethod<TRequest, TResponse> method)
    {
    }

    /// <summary>Calls a unary method.</summary>
    public Task<TResponse> UnaryAsync(TRequest request, CallContext? context, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Calls a server-stream method. The call is sent when the result is enumerated.</summary>
    public IAsyncEnumerable<TResponse> ServerStreamAsync(TRequest request, CallContext? context, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Calls a client-stream method.</summary>
    public Task<TResponse> ClientStreamAsync(IAsyncEnumerable<TRequest> requests, CallContext? context, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Calls a duplex method. The call is sent when the result is enumerated.</summary>
    public IAsyncEnumerable<TResponse> DuplexAsync(IAsyncEnumerable<TRequest> requests, CallContext? context, CancellationToken cancellationToken) => throw new NotSupportedException();
}
