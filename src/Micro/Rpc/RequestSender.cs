using System.Runtime.CompilerServices;
using Micro.Codecs;
using Micro.Internal;
using Micro.Transport;

namespace Micro.Rpc;

/// <summary>C3 for streams: encodes and writes every request while the responses are read, then half-closes.</summary>
/// <remarks>
/// The requests come from an enumerable of the caller's, which may take as long as it likes for the next one and may not look at its token. A call that is over does
/// not wait for that: it abandons the enumerator, which is disposed when it returns.
/// </remarks>
internal sealed class RequestSender<TRequest>(
    RetryingCallStream stream, CallSpec spec, IMessageCodec<TRequest> codec, IAsyncEnumerable<TRequest> requests, CancellationTokenSource stop)
{
    private const int Sending = 0;
    private const int Asking = 1;
    private const int Abandoned = 2;

    private static readonly Task<Exception?> NoFailure = Task.FromResult<Exception?>(null);

    private readonly CancellationToken _stopped = stop.Token;
    private Task<Exception?> _running = NoFailure;
    private int _state;

    public void Start() => _running = RunAsync();

    /// <summary>
    /// To be called once, after the stop token was cancelled. When it completes the stream is not used any more. Gives what the caller's enumerable threw, or what
    /// could not be encoded: that, not the cancelled call, is the caller's error.
    /// </summary>
    public Task<Exception?> EndAsync() => Interlocked.CompareExchange(ref _state, Abandoned, Asking) == Asking ? NoFailure : _running;

    private async Task<Exception?> RunAsync()
    {
        try
        {
            await using var source = requests.GetAsyncEnumerator(_stopped);
            while (await AskAsync(source))
            {
                if (!await SendAsync(source.Current))
                {
                    return null;
                }
            }

            if (!_stopped.IsCancellationRequested)
            {
                await HalfCloseAsync();
            }

            return null;
        }
        catch (OperationCanceledException) when (_stopped.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception e)
        {
            if (Interlocked.CompareExchange(ref _state, Sending, Asking) == Abandoned)
            {
                // The call was over before; there is nobody to tell.
                return null;
            }

            await stop.CancelAsync();
            return e;
        }
    }

    /// <summary>Waits for the next request. False when there is none, or nobody wants it any more.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> AskAsync(IAsyncEnumerator<TRequest> source)
    {
        // A full fence: either EndAsync sees that the caller is being asked, or the token is seen here.
        Interlocked.Exchange(ref _state, Asking);
        if (_stopped.IsCancellationRequested)
        {
            return false;
        }

        var any = await source.MoveNextAsync();
        return Interlocked.CompareExchange(ref _state, Sending, Asking) == Asking && any;
    }

    /// <summary>False when the call is over, and the reader has its outcome.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> SendAsync(TRequest request)
    {
        using var payload = PooledBufferWriter.Rent();
        MessageCodecs.Encode(spec, codec, request, payload);
        try
        {
            await stream.WriteAsync(payload.WrittenMemory, _stopped);
            return true;
        }
        catch (CallException)
        {
            return false;
        }
    }

    private async ValueTask HalfCloseAsync()
    {
        try
        {
            await stream.CompleteAsync(CallEnd.Ok, _stopped);
        }
        catch (CallException)
        {
            // As in SendAsync.
        }
    }
}
