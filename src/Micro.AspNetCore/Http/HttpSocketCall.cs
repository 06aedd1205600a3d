using System.Buffers;
using System.Net.WebSockets;
using Micro.Transport;
using Micro.Transport.Http;
using Microsoft.AspNetCore.Http;

namespace Micro.AspNetCore.Http;

/// <summary>A call of any kind that came as a WebSocket of subprotocol <c>micro.v1</c>.</summary>
internal sealed class HttpSocketCall : ICallStream
{
    private readonly HttpContext _context;
    private readonly HttpRefusal? _refusal;
    private readonly bool _json;
    private readonly int _maxMessageBytes;
    private readonly SemaphoreSlim _opening = new(1, 1);
    private readonly CancellationTokenSource _aborted;
    private volatile MessageSocket? _socket;
    private CallHeaders? _headers;
    private CallEnd? _fault;
    private Task _cancelling = Task.CompletedTask;
    private bool _started;

    /// <param name="context">The request that asks for the WebSocket. It is opened when the call begins, so that a call that is not taken gets a plain answer.</param>
    /// <param name="refusal">Why the request cannot become a WebSocket, or null.</param>
    /// <param name="json">Whether messages are JSON, and so may come and do go as text.</param>
    /// <param name="maxMessageBytes">Limit of a message, either way.</param>
    public HttpSocketCall(HttpContext context, HttpRefusal? refusal, bool json, int maxMessageBytes)
    {
        _context = context;
        _refusal = refusal;
        _json = json;
        _maxMessageBytes = maxMessageBytes;
        _aborted = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        Aborted = _aborted.Token;
    }

    /// <summary>Fires when the caller went away.</summary>
    public CancellationToken Aborted { get; }

    public CallEnd? End { get; private set; }

    public bool IsCompleted { get; private set; }

    public async ValueTask<CallHeaders> HeadersAsync(CancellationToken cancellationToken)
    {
        await OpenAsync();
        return _headers ??= [];
    }

    public async ValueTask<CallMessage?> ReadAsync(CancellationToken cancellationToken)
    {
        if (End is not null)
        {
            return null;
        }

        var socket = await OpenAsync();
        var frame = await socket.Ahead.WaitAsync(cancellationToken);
        switch (frame.Kind)
        {
            case SocketFrameKind.Binary:
            case SocketFrameKind.Text when _json:
                socket.Advance();
                return frame.Message;
            case SocketFrameKind.HalfClose:
                // Goes on receiving, so that a caller who leaves now is noticed.
                End = CallEnd.Ok;
                socket.Advance();
                return null;
            case SocketFrameKind.Failed when !Aborted.IsCancellationRequested:
                return Fail(frame.End!.Status);
            case SocketFrameKind.Text:
                frame.Message!.Dispose();
                socket.Advance();
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
            var socket = await StartAsync(cancellationToken);
            await (_json ? socket.SendJsonAsync(message, cancellationToken) : socket.SendAsync(message, text: false, cancellationToken));
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
            if (_socket is null && !end.Status.IsOk)
            {
                await HttpResponses.WriteOutcomeAsync(_context, end, _refusal);
                return;
            }

            var socket = await StartAsync(cancellationToken);
            var frame = new ArrayBufferWriter<byte>(256);
            ControlFrame.WriteStatus(frame, _fault ?? end);
            await socket.SendAsync(frame.WrittenMemory, text: true, cancellationToken);
            await socket.CloseAsync(cancellationToken);
        }
        catch (Exception e) when (IsLoss(e))
        {
            // The caller went away; nobody is left to be told.
        }
    }

    /// <summary>Waits for the caller to close, so that it can read the outcome first. After it the WebSocket may be dropped.</summary>
    public async ValueTask CloseAsync(TimeSpan limit, TimeProvider time)
    {
        if (Aborted.IsCancellationRequested || _socket is not { } socket)
        {
            return;
        }

        using var expiry = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(expiry.Token, Aborted);
        try
        {
            await socket.DrainAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            // It does not close: it had its time.
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_socket is { } socket)
        {
            await socket.DisposeAsync();
        }

        await _cancelling;
        _aborted.Dispose();
        _opening.Dispose();
    }

    private ValueTask<MessageSocket> OpenAsync() => _socket is { } socket ? new(socket) : OpenFirstAsync();

    private async ValueTask<MessageSocket> OpenFirstAsync()
    {
        // A reader and a writer may both be the first.
        await _opening.WaitAsync(CancellationToken.None);
        try
        {
            return _socket ??= new MessageSocket(await HttpSocketUpgrade.AcceptAsync(_context), _maxMessageBytes, Received, _context.RequestAborted);
        }
        finally
        {
            _opening.Release();
        }
    }

    private async ValueTask<MessageSocket> StartAsync(CancellationToken cancellationToken)
    {
        var socket = await OpenAsync();
        if (_started)
        {
            return socket;
        }

        _started = true;
        if (_headers is { Count: > 0 })
        {
            var frame = new ArrayBufferWriter<byte>(256);
            ControlFrame.WriteHeaders(frame, _headers);
            await socket.SendAsync(frame.WrittenMemory, text: true, cancellationToken);
        }

        return socket;
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
