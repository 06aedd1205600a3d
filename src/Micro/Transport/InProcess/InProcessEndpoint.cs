using Microsoft.Extensions.Logging;

namespace Micro.Transport.InProcess;

/// <summary>One listener of this process: takes calls until it is closed, and knows when the last of them ended.</summary>
internal sealed partial class InProcessEndpoint(ICallAcceptor acceptor, ILogger logger)
{
    /// <summary>Most bytes of a message, as over the other transports: 4 MiB.</summary>
    public const int MaxMessageBytes = 4 * 1024 * 1024;

    private static readonly CallEnd Broken = new(new CallStatus(CallStatusCode.Internal, "The call could not be handled."));

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // One for the listener itself, one for each call.
    private int _users = 1;
    private int _closed;

    /// <summary>The failure of a message that is too large; null for one that is not.</summary>
    public static CallStatus? TooLarge(int bytes) => bytes <= MaxMessageBytes
        ? null
        : new CallStatus(CallStatusCode.ResourceExhausted, $"The message has {bytes} bytes; at most {MaxMessageBytes} are allowed.");

    /// <summary>
    /// Runs a call on a thread of the pool and without the caller's flow: nothing ambient of the caller may reach the handler, as over any transport.
    /// </summary>
    public void Start(IncomingCall call)
    {
        Interlocked.Increment(ref _users);
        ThreadPool.UnsafeQueueUserWorkItem(static work => _ = work.Endpoint.RunAsync(work.Call), (Endpoint: this, Call: call), preferLocal: false);
    }

    public Task CloseAsync()
    {
        if (Interlocked.Exchange(ref _closed, 1) == 0)
        {
            Leave();
        }

        return _ended.Task;
    }

    private async Task RunAsync(IncomingCall call)
    {
        try
        {
            await acceptor.AcceptAsync(call);
        }
        catch (Exception e)
        {
            AcceptorFailed(call.Path, e);
            await call.Stream.CompleteAsync(Broken, CancellationToken.None);
        }
        finally
        {
            Leave();
        }
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            _ended.TrySetResult();
        }
    }

    [LoggerMessage(1400, LogLevel.Error, "A call of {Path} could not be handled.")]
    private partial void AcceptorFailed(string path, Exception exception);
}
