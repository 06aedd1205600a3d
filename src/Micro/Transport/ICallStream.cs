namespace Micro.Transport;

/// <summary>
/// One call between two pipelines: messages and headers both ways, then one outcome. Every kind of call is such a stream; unary is one
/// message each way. One reader and one writer at a time; they may run concurrently. Disposing abandons what is not finished: the other
/// side sees a cancelled call.
/// </summary>
/// <remarks>
/// Implemented once for the client and once for the server half of a transport. Failures of the transport are outcomes, not exceptions:
/// reading ends and <see cref="End"/> says why.
/// </remarks>
public interface ICallStream : IAsyncDisposable
{
    /// <summary>
    /// Sends one message. Completes when the transport took it, so that a slow reader slows the writer. The memory is free to be reused after.
    /// </summary>
    /// <exception cref="CallException">The call is already over; the outcome is the exception's status.</exception>
    /// <exception cref="OperationCanceledException">The token fired; the call is to be disposed.</exception>
    ValueTask WriteAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken);

    /// <summary>On a client: half-close, no more messages (the outcome given is ignored). On a server: the final outcome and trailers. Called once.</summary>
    ValueTask CompleteAsync(CallEnd end, CancellationToken cancellationToken);

    /// <summary>Receives the next message; the caller disposes it. Null when there are no more: then <see cref="End"/> is set.</summary>
    /// <exception cref="OperationCanceledException">The token fired; the call is to be disposed.</exception>
    ValueTask<CallMessage?> ReadAsync(CancellationToken cancellationToken);

    /// <summary>
    /// On a client: the server's headers, available before its first message; empty when the call failed first.
    /// On a server: the headers to answer with; change them before the first write.
    /// </summary>
    ValueTask<CallHeaders> HeadersAsync(CancellationToken cancellationToken);

    /// <summary>On a client: set once reading returned null. On a server: set once the client half-closed or the call was aborted.</summary>
    CallEnd? End { get; }
}
