namespace Micro.Transport.Http;

/// <summary>
/// A call whose request is one message, as a POST: unary, or a server stream of JSON lines. The request goes out with the write; the half-close
/// after it has nothing left to say.
/// </summary>
internal sealed class HttpPostStream : ICallStream
{
    private const int StatusAllowance = 64 * 1024;

    private readonly HttpClientConnection _connection;
    private readonly OutgoingCall _call;
    private readonly CancellationToken _callToken;
    private readonly CancellationTokenSource _abort;
    private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _exchange = Task.CompletedTask;
    private UnaryReply _reply;
    private CallMessage? _message;
    private HttpResponseMessage? _response;
    private JsonLineReader? _lines;
    private int _started;
    private int _reading;
    private int _disposed;

    public HttpPostStream(HttpClientConnection connection, OutgoingCall call, CancellationToken callToken)
    {
        _connection = connection;
        _call = call with { WantsHeaders = true };
        _callToken = callToken;
        _abort = CancellationTokenSource.CreateLinkedTokenSource(callToken);
    }

    public CallEnd? End { get; private set; }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Interlocked.Exchange(ref _started, 1) != 0)
        {
            throw new InvalidOperationException($"{_call.Spec} takes one message.");
        }

        _exchange = ExchangeAsync(CallMessage.Copy(message.Span));
        return default;
    }

    public ValueTask CompleteAsync(CallEnd end, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _started, 1) == 0)
        {
            _reply = new(new CallEnd(new CallStatus(CallStatusCode.Internal, $"{_call.Spec} was half-closed before its one message.", notProcessed: true)));
            _answered.TrySetResult();
        }

        return default;
    }

    public async ValueTask<CallHeaders> HeadersAsync(CancellationToken cancellationToken)
    {
        await _answered.Task.WaitAsync(cancellationToken);
        return _reply.Headers ?? [];
    }

    public async ValueTask<CallMessage?> ReadAsync(CancellationToken cancellationToken)
    {
        if (End is not null)
        {
            return null;
        }

        await _answered.Task.WaitAsync(cancellationToken);
        if (_lines is not null)
        {
            return await ReadLineAsync(cancellationToken);
        }

        if (Interlocked.Exchange(ref _message, null) is { } message)
        {
            return message;
        }

        cancellationToken.ThrowIfCancellationRequested();
        End = _reply.End;
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _abort.CancelAsync();
        await _exchange;
        Interlocked.Exchange(ref _message, null)?.Dispose();
        _response?.Dispose();
        if (Interlocked.Exchange(ref _reading, 1) == 0)
        {
            _lines?.Dispose();
        }

        _abort.Dispose();
    }

    // Never fails: what goes wrong is the outcome.
    private async Task ExchangeAsync(CallMessage request)
    {
        try
        {
            using var message = _connection.Requests.Create(HttpMethod.Post, _call, new ReadOnlyMemoryContent(request.Memory));
            if (_call.Spec.Kind == CallKind.ServerStream)
            {
                message.Headers.TryAddWithoutValidation("Accept", HttpNames.Lines);
            }

            _response = await _connection.SendAsync(message, _abort.Token);
            _reply = _call.Spec.Kind == CallKind.Unary
                ? await _connection.Replies.ReadUnaryAsync(_response, _call, _abort.Token)
                : await StartLinesAsync(_response);
            _message = _reply.Message;
        }
        catch (Exception e)
        {
            _reply = new(new CallEnd(StatusOf(e)));
        }
        finally
        {
            request.Dispose();
            if (_lines is null)
            {
                _response?.Dispose();
            }

            _answered.TrySetResult();
        }
    }

    private async ValueTask<UnaryReply> StartLinesAsync(HttpResponseMessage response)
    {
        if (response.StatusCode != System.Net.HttpStatusCode.OK)
        {
            return await _connection.Replies.ReadFailureAsync(response, _call, _abort.Token);
        }

        if (HttpReplies.Mismatch(response, HttpNames.Lines) is { } mismatch)
        {
            return new(new CallEnd(mismatch));
        }

        var stream = await response.Content.ReadAsStreamAsync(_abort.Token);
        _lines = new JsonLineReader(stream, _connection.MaxMessageBytes + StatusAllowance);
        return new(CallEnd.Ok, Headers: HttpReplies.Collect(response).Headers);
    }

    private async ValueTask<CallMessage?> ReadLineAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _reading, 1) != 0)
        {
            throw new ObjectDisposedException(nameof(HttpPostStream));
        }

        try
        {
            using var both = cancellationToken.CanBeCanceled && cancellationToken != _callToken
                ? CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _abort.Token)
                : null;
            var message = await TakeLineAsync(both?.Token ?? _abort.Token);
            Volatile.Write(ref _reading, 0);
            return message;
        }
        catch (Exception e)
        {
            // The reader's buffer may still be written to: it is left to the garbage collector.
            cancellationToken.ThrowIfCancellationRequested();
            return EndWith(StatusOf(e));
        }
    }

    private async ValueTask<CallMessage?> TakeLineAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var line = await _lines!.ReadAsync(cancellationToken);
            if (line is not { } bytes)
            {
                return EndWith(_lines.TooLong
                    ? TooLarge()
                    : new CallStatus(CallStatusCode.Unavailable, $"The stream of {_call.Spec} ended without a status."));
            }

            if (ControlFrame.IsStatus(bytes.Span))
            {
                End = ControlFrame.ReadStatus(bytes.Span);

                // Reading the end of the body gives the socket back to the pool.
                await _lines.ReadAsync(cancellationToken);
                _response!.Dispose();
                return null;
            }

            if (bytes.Length > _connection.MaxMessageBytes)
            {
                return EndWith(TooLarge());
            }

            if (bytes.Length > 0)
            {
                return CallMessage.Copy(bytes.Span);
            }
        }
    }

    private CallMessage? EndWith(CallStatus status)
    {
        End ??= new CallEnd(status);
        _response?.Dispose();
        return null;
    }

    private CallStatus TooLarge() => new(CallStatusCode.ResourceExhausted, $"A message is larger than {_connection.MaxMessageBytes} bytes.");

    private CallStatus StatusOf(Exception exception) => _abort.IsCancellationRequested
        ? new CallStatus(CallStatusCode.Cancelled, "The call was cancelled.")
        : _connection.FailureOf(exception);
}
