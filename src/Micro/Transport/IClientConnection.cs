namespace Micro.Transport;

/// <summary>
/// A reusable way to one address: multiplexes any number of calls over as many sockets as it needs. Thread-safe.
/// Disposing closes the sockets and ends what is still open with UNAVAILABLE.
/// </summary>
public interface IClientConnection : IAsyncDisposable
{
    /// <summary>
    /// Opens a call of any kind. May return before the peer was reached; then a failure to reach it ends the stream with
    /// UNAVAILABLE and <see cref="CallStatus.NotProcessed"/>.
    /// </summary>
    /// <param name="call">What to call and with which headers.</param>
    /// <param name="cancellationToken">Cancels the whole call, not only its opening: the deadline and the caller's wish in one token.</param>
    ValueTask<ICallStream> OpenAsync(OutgoingCall call, CancellationToken cancellationToken);
}
