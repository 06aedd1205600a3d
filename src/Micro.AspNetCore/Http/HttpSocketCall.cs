using System.Buffers;
using System.Net.WebSockets;
using Micro.Transport;
using Micro.Transport.Http;

namespace Micro.AspNetCore.Http;

/// <summary>A call of any kind that came as a WebSocket of subprotocol <c>micro.v1</c>.</summary>
internal sealed class HttpSocketCall : ICallStream
{
    private readonly MessageSocket _socket;
    private readonly bool _json;
    private readonly int _maxMessageBytes;
    private readonly CancellationTokenSource _aborted;
    private CallHeaders? _headers;
    private CallEnd? _fault;
    private Task _cancelling = Task.CompletedTask;
    private bool _started;

    /// <param name="socket">Owned by the call.</param>
    /// <param name="json">Whether messages are JSON, and so may come and do go as text.</param>
    /// <param name="maxMessageBytes">Limit of a message, either way.</param>
    /// <param name="requestAborted">Fires when the connection is lost.</param>
    public HttpSocketCall(WebSocket socket, bool json, int maxMessageBytes, CancellationToken requestAborted)
    {
        _json = json;
        _maxMessageBytes = maxMessageBytes;
        _aborted = CancellationTokenSource.CreateLinkedTokenSource(requestAborted);
        Aborted = _aborted.Token;
        _socket = new MessageSocket(socket, maxMessageBytes, Received, requestAborted);
    }

    /// <summary>Fires when the caller went away.</summary>
    public CancellationToken Aborted { get; }

    public CallEnd? End { get; private set; }

    public bool IsCompleted { get; private set; }

    public ValueTask<CallHeaders> HeadersAsync(CancellationToken cancellationToken) => new(_headers ??= []);

    public async ValueTask<CallMessage?> ReadAsync(CancellationToken cancellationToken)
    {
        if (End is not null)
        {
            return null;
        }

        var frame = await _socket.Ahead.WaitAsync(cancellationToken);
        switch (frame.Kind)
        {
            case SocketFrameKind.Binary:
            case SocketFrameKind.Text when _json:
                _socket.Advance();
                return frame.Message;
            case SocketFrameKind.HalfClose:
                // Goes on receiving, so that a caller who leaves now is noticed.
                End = CallEnd.Ok;
                _socket.Advance();
                return null;
            case SocketFrameKind.Failed when !Aborted.IsCancellationRequested:
                return Fail(frame.End!.Status);
            case SocketFrameKind.Text:
                frame.Message!.Dispose();
                _socket.Advance();
                return Fail(new CallStatus(CallStatusCode.InvalidArgument, "Text frames carry JSON; messages of other types are binary frames."));
            default:
                cancellationToken.ThrowIfCancellationRequested();
                End = new CallEnd(Gone());
                return null;
        }
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (IsCompleted || Aborted.IsCancellationRequested)
        {
            throw new CallException(Gone());
        }

        HttpResponses.ThrowIfTooLarge(message, _maxMessageBytes);
        try
        {
            await StartAsync(cancellationToken);
            await (_json ? _socket.SendJsonAsync(message, cancellationToken) : _socket.SendAsync(message, text: false, cancellationToken));
        }
        catch (Exception e) when (IsLoss(e))
        {
            throw new CallException(Gone(), e);
        }
    }

    public async ValueTask CompleteAsync(CallEnd end, CancellationToken cancellationToken)
    {
        if (IsCompleted)
        {
            return;
        }

        IsCompleted = true;
        if (Aborted.IsCancellationRequested)
        {
            return;
        }

        try
        {
            await StartAsync(cancellationToken);
            var frame = new ArrayBufferWriter<byte>(256);
            ControlFrame.WriteStatus(frame, _fault ?? end);
            await _socket.SendAsync(frame.WrittenMemory, text: true, cancellationToken);
            await _socket.CloseAsync(cancellationToken);
        }
        catch (Exception e) when (IsLoss(e))
        {
            // The caller went away; nobody is left to be told.
        }
    }

    /// <summary>Waits for the caller to close, so that it can read the outcome first. After it the WebSocket may be dropped.</summary>
    public async ValueTask CloseAsync(TimeSpan limit, TimeProvider time)
    {
        if (Aborted.IsCancellationRequested)
        {
            return;
        }

        using var expiry = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(expiry.Token, Aborted);
        try
        {
            await _socket.DrainAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            // It does not close: it had its time.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _socket.DisposeAsync();
        await _cancelling;
        _aborted.Dispose();
    }

    private async ValueTask StartAsync(CancellationToken cancellationToken)
    {
        if (_started)
        {
            return;
        }

        _started = true;
        if (_headers is { Count: > 0 })
        {
            var frame = new ArrayBufferWriter<byte>(256);
            ControlFrame.WriteHeaders(frame, _headers);
            await _socket.SendAsync(frame.WrittenMemory, text: true, cancellationToken);
        }
    }

    // Told before anyone reads: a caller that closes or is lost while the handler works must reach it.
    private void Received(SocketFrame frame)
    {
        var gone = frame.Kind == SocketFrameKind.Closed || (frame.Kind == SocketFrameKind.Failed && frame.End!.Status.Code != CallStatusCode.ResourceExhausted);
        if (gone && !IsCompleted)
        {
            try
            {
                // Runs the handler's callbacks on other threads; what they throw comes out where the call is disposed.
                _cancelling = _aborted.CancelAsync();
            }
            catch (ObjectDisposedException)
            {
                // The call ended in the meantime.
            }
        }
    }

    private CallMessage? Fail(CallStatus status)
    {
        End = _fault = new CallEnd(status);
        return null;
    }

    private static bool IsLoss(Exception e) => e is WebSocketException or IOException or ObjectDisposedException or InvalidOperationException;

    private static CallStatus Gone() => new(CallStatusCode.Cancelled, "The caller went away.");
}
