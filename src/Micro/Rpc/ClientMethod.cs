using System.Diagnostics.CodeAnalysis;

namespace Micro.Rpc;

/// <summary>One method bound to a client: what a generated client calls. Thread-safe.</summary>
/// <remarks>
/// Every call throws <see cref="CallException"/> when it fails, and <see cref="OperationCanceledException"/> when the caller's own token was the reason.
/// </remarks>
public sealed class ClientMethod<
    [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TRequest,
    [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TResponse>
{
    private readonly ClientPipeline<TRequest, TResponse> _pipeline;

    internal ClientMethod(ClientChannel channel, CallMethod<TRequest, TResponse> method) => _pipeline = new(channel, method);

    /// <summary>Calls a unary method.</summary>
    /// <param name="request">The request.</param>
    /// <param name="context">Options in, response headers out; null for neither.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public Task<TResponse> UnaryAsync(TRequest request, CallContext? context, CancellationToken cancellationToken) =>
        _pipeline.UnaryAsync(request, context, cancellationToken);

    /// <summary>Calls a server-stream method. The call is sent when the result is enumerated, and ends when that does.</summary>
    /// <param name="request">The request.</param>
    /// <param name="context">Options in, response headers out; null for neither.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public IAsyncEnumerable<TResponse> ServerStreamAsync(TRequest request, CallContext? context, CancellationToken cancellationToken) =>
        _pipeline.ServerStreamAsync(request, context, cancellationToken);

    /// <summary>Calls a client-stream method.</summary>
    /// <param name="requests">The requests; enumerated once.</param>
    /// <param name="context">Options in, response headers out; null for neither.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public Task<TResponse> ClientStreamAsync(IAsyncEnumerable<TRequest> requests, CallContext? context, CancellationToken cancellationToken) =>
        _pipeline.ClientStreamAsync(requests, context, cancellationToken);

    /// <summary>Calls a duplex method. The call is sent when the result is enumerated; sending and receiving are independent of each other.</summary>
    /// <param name="requests">The requests; enumerated once.</param>
    /// <param name="context">Options in, response headers out; null for neither.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public IAsyncEnumerable<TResponse> DuplexAsync(IAsyncEnumerable<TRequest> requests, CallContext? context, CancellationToken cancellationToken) =>
        _pipeline.DuplexAsync(requests, context, cancellationToken);
}
