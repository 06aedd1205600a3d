using System.Threading.Channels;

namespace Micro.Transport.InProcess;

/// <summary>A streaming call in the process: two bounded queues of encoded messages, and the two ends that see them.</summary>
internal sealed class InProcessCall
{
    /// <summary>Messages a writer may be ahead of its reader, each way.</summary>
    public const int Window = 16;

    private static readonly CallStatus CancelledByCaller = new(CallStatusCode.Cancelled, "The caller cancelled the call.");
    private static readonly CallStatus ConnectionClosed = new(CallStatusCode.Unavailable, "The connection was closed during the call.");

    private readonly Channel<CallMessage> _requests = Queue();
    private readonly Channel<CallMessage> _responses = Queue();
    private readonly TaskCompletionSource<CallHeaders> _responseHeaders = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _aborted = new();
    private readonly CancellationTokenRegistration _onCancel;
    private readonly CancellationTokenRegistration _onClose;
    private CallEnd? _outcome;

    public InProcessCall(CancellationToken cancellationToken, CancellationToken closed)
    {
        Client = new ClientEnd(this);
        Server = new ServerEnd(this);
        _onCancel = cancellationToken.UnsafeRegister(static state => ((InProcessCall)state!).Break(CancelledByCaller), this);
        _onClose = closed.UnsafeRegister(static state => ((InProcessCall)state!).Break(ConnectionClosed), this);
    }

    public ICallStream Client { get; }

    public ICallStream Server { get; }

    public CancellationToken Aborted => _aborted.Token;

    private static Channel<CallMessage> Queue() => Channel.CreateBounded<CallMessage>(
        new BoundedChannelOptions(Window) { SingleReader = true, SingleWriter = true, FullMode = BoundedChannelFullMode.Wait });

    private void Break(CallStatus status)
    {
        if (Finish(new CallEnd(status)))
        {
            _aborted.Cancel();
        }
    }

    /// <summary>Sets the outcome once; says whether this was the one.</summary>
    private bool Finish(CallEnd end)
    {
        if (Interlocked.CompareExchange(ref _outcome, end, null) is not null)
        {
            return false;
        }

        _responseHeaders.TrySetResult(new CallHeaders());
        _responses.Writer.TryComplete();
        _requests.Writer.TryComplete();
        return true;
    }

    private async ValueTask WriteAsync(ChannelWriter<CallMessage> queue, ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        if (InProcessEndpoint.TooLarge(message.Length) is { } tooLarge)
        {
            Break(tooLarge);
            throw new CallException(tooLarge);
        }

        var copy = CallMessage.Copy(message.Span);
        try
        {
            await queue.WriteAsync(copy, cancellationToken);
        }
        catch (ChannelClosedException)
        {
            copy.Dispose();
            var status = Volatile.Read(ref _outcome)?.Status;
            throw new CallException(status is { IsOk: false } ? status : new CallStatus(CallStatusCode.FailedPrecondition, "The call is over; nothing more can be sent."));
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }

    private static async ValueTask<CallMessage?> ReadAsync(ChannelReader<CallMessage> queue, CancellationToken cancellationToken)
    {
        while (await queue.WaitToReadAsync(cancellationToken))
        {
            if (queue.TryRead(out var message))
            {
                return message;
            }
        }

        return null;
    }

    private static void Empty(ChannelReader<CallMessage> queue)
    {
        while (queue.TryRead(out var message))
        {
            message.Dispose();
        }
    }

    private sealed class ClientEnd(InProcessCall call) : ICallStream
    {
        public CallEnd? End { get; private set; }

        public ValueTask WriteAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken) =>
            call.WriteAsync(call._requests.Writer, message, cancellationToken);

        public ValueTask CompleteAsync(CallEnd end, CancellationToken cancellationToken)
        {
            call._requests.Writer.TryComplete();
            return ValueTask.CompletedTask;
        }

        public async ValueTask<CallMessage?> ReadAsync(CancellationToken cancellationToken)
        {
            var message = await InProcessCall.ReadAsync(call._responses.Reader, cancellationToken);
            if (message is null)
            {
                End = call._outcome;
            }

            return message;
        }

        public async ValueTask<CallHeaders> HeadersAsync(CancellationToken cancellationToken) =>
            await call._responseHeaders.Task.WaitAsync(cancellationToken);

        public async ValueTask DisposeAsync()
        {
            call.Break(CancelledByCaller);
            await call._onCancel.DisposeAsync();
            await call._onClose.DisposeAsync();
            Empty(call._responses.Reader);
        }
    }

    private sealed class ServerEnd(InProcessCall call) : ICallStream
    {
        private readonly CallHeaders _headers = new();

        public CallEnd? End { get; private set; }

        public ValueTask WriteAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
        {
            call._responseHeaders.TrySetResult(_headers);
            return call.WriteAsync(call._responses.Writer, message, cancellationToken);
        }

        public ValueTask CompleteAsync(CallEnd end, CancellationToken cancellationToken)
        {
            call._responseHeaders.TrySetResult(_headers);
            call.Finish(end);
            Empty(call._requests.Reader);
            return ValueTask.CompletedTask;
        }

        public async ValueTask<CallMessage?> ReadAsync(CancellationToken cancellationToken)
        {
            var message = await InProcessCall.ReadAsync(call._requests.Reader, cancellationToken);
            if (message is null)
            {
                End = call._outcome ?? CallEnd.Ok;
            }

            return message;
        }

        public ValueTask<CallHeaders> HeadersAsync(CancellationToken cancellationToken) => new(_headers);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
