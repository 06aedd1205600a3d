namespace Micro.Transport;

/// <summary>Capability of a connection: a unary call without the cost of a stream. What it does is the same.</summary>
public interface IUnaryConnection
{
    /// <summary>Sends one message and receives one. Failures are in the reply's outcome.</summary>
    /// <param name="call">What to call and with which headers.</param>
    /// <param name="request">The encoded request; free to be reused once the task completed.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="OperationCanceledException">The token fired first.</exception>
    ValueTask<UnaryReply> CallAsync(OutgoingCall call, ReadOnlyMemory<byte> request, CancellationToken cancellationToken);
}
