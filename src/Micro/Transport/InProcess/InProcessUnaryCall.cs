namespace Micro.Transport.InProcess;

/// <summary>A unary call in the process: the server's view of it, and the reply for the client.</summary>
internal sealed class InProcessUnaryCall : ICallStream
{
    private static readonly CallEnd Gone = new(new CallStatus(CallStatusCode.Cancelled, "The caller cancelled the call."));

    private readonly TaskCompletionSource<UnaryReply> _reply = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _aborted = new();
    private readonly CancellationTokenRegistration _onCancel;
    private readonly CancellationTokenRegistration _onClose;
    private readonly CallHeaders _headers = new();
    private CallMessage? _request;
    private CallMessage? _response;

    public InProcessUnaryCall(ReadOnlyMemory<byte> request, CancellationToken cancellationToken, CancellationToken closed)
    {
        _request = CallMessage.Copy(request.Span);
        _onClose = closed.UnsafeRegister(static state => ((InProcessUnaryCall)state!).Close(), this);
        _onCancel = cancellationToken.UnsafeRegister(
            static (state, token) =>
            {
                var call = (InProcessUnaryCall)state!;
                call._reply.TrySetCanceled(token);
                call._aborted.Cancel();
            },
            this);
    }

    public CallEnd? End { get; private set; }

    public CancellationToken Aborted => _aborted.Token;

    /// <summary>Completes with the server's outcome, or at once when the caller cancels or the connection closes.</summary>
    public async ValueTask<UnaryReply> ReplyAsync()
    {
        try
        {
            return await _reply.Task;
        }
        finally
        {
            await _onCancel.DisposeAsync();
            await _onClose.DisposeAsync();
        }
    }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        if (_aborted.IsCancellationRequested)
        {
            throw new CallException(Gone.Status);
        }

        if (_response is not null)
        {
            throw new CallException(CallStatusCode.Internal, "A unary call has one response.");
        }

        if (InProcessEndpoint.TooLarge(message.Length) is { } tooLarge)
        {
            throw new CallException(tooLarge);
        }

        _response = CallMessage.Copy(message.Span);
        return ValueTask.CompletedTask;
    }

    public ValueTask CompleteAsync(CallEnd end, CancellationToken cancellationToken)
    {
        var response = _response;
        _response = null;
        if (!end.Status.IsOk)
        {
            response?.Dispose();
            response = null;
        }

        if (!_reply.TrySetResult(new UnaryReply(end, response, _headers.Count > 0 ? _headers : null)))
        {
            response?.Dispose();
        }

        Interlocked.Exchange(ref _request, null)?.Dispose();
        return ValueTask.CompletedTask;
    }

    public ValueTask<CallMessage?> ReadAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var request = Interlocked.Exchange(ref _request, null);
        if (request is null)
        {
            End = _aborted.IsCancellationRequested ? Gone : CallEnd.Ok;
        }

        return new(request);
    }

    public ValueTask<CallHeaders> HeadersAsync(CancellationToken cancellationToken) => new(_headers);

    public ValueTask DisposeAsync()
    {
        Interlocked.Exchange(ref _request, null)?.Dispose();
        return ValueTask.CompletedTask;
    }

    private void Close()
    {
        _reply.TrySetResult(new UnaryReply(new CallEnd(new CallStatus(CallStatusCode.Unavailable, "The connection was closed during the call."))));
        _aborted.Cancel();
    }
}
