using System.Buffers;
using System.Net.WebSockets;

namespace Micro.Transport.Http;

/// <summary>
/// Frames of <c>micro.v1</c> over a WebSocket, for both halves. Always has one receive under way, so that an end or a loss is noticed while
/// nobody reads; at most one frame is held. One reader and one writer at a time.
/// </summary>
internal sealed class MessageSocket : IAsyncDisposable
{
    // Status and header frames may be this much larger than a message.
    private const int ControlAllowance = 64 * 1024;
    private const int SmallBuffer = 4 * 1024;

    private static readonly ReadOnlyMemory<byte> Space = " "u8.ToArray();
    private static readonly Task<SocketFrame> Nothing = Task.FromResult(new SocketFrame(SocketFrameKind.Closed));

    private readonly WebSocket _socket;
    private readonly int _maxMessageBytes;
    private readonly CancellationToken _lifetime;
    private readonly bool _readsControl;
    private readonly Action<SocketFrame>? _received;
    private byte[]? _buffer;
    private int _disposed;

    /// <param name="socket">Owned from here on.</param>
    /// <param name="maxMessageBytes">Limit of a message.</param>
    /// <param name="received">On a server: told of every frame as it comes, before anyone reads it. Null on a client.</param>
    /// <param name="lifetime">Aborts the WebSocket.</param>
    public MessageSocket(WebSocket socket, int maxMessageBytes, Action<SocketFrame>? received, CancellationToken lifetime)
    {
        _socket = socket;
        _maxMessageBytes = maxMessageBytes;
        _received = received;
        _readsControl = received is null;
        _lifetime = lifetime;
        Ahead = ReceiveAsync();
    }

    /// <summary>The next frame. Never fails.</summary>
    public Task<SocketFrame> Ahead { get; private set; }

    /// <summary>Starts to receive the frame after <see cref="Ahead"/>, which was taken.</summary>
    public void Advance() => Ahead = ReceiveAsync();

    public ValueTask SendAsync(ReadOnlyMemory<byte> message, bool text, CancellationToken cancellationToken) =>
        _socket.SendAsync(message, text ? WebSocketMessageType.Text : WebSocketMessageType.Binary, endOfMessage: true, cancellationToken);

    /// <summary>Sends a JSON message as text; one that looks like a control frame goes with a space before it.</summary>
    public async ValueTask SendJsonAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        if (message.Span.StartsWith(ControlFrame.Mark))
        {
            await _socket.SendAsync(Space, WebSocketMessageType.Text, endOfMessage: false, cancellationToken);
        }

        // An empty text frame would half-close.
        await SendAsync(message, text: message.Length > 0, cancellationToken);
    }

    public Task CloseAsync(CancellationToken cancellationToken) =>
        _socket.State is WebSocketState.Open or WebSocketState.CloseReceived
            ? _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancellationToken)
            : Task.CompletedTask;

    /// <summary>Throws away what still comes until the peer closes: closing a socket with unread bytes would take the status from the peer.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var frame = await Ahead.WaitAsync(cancellationToken);
            frame.Message?.Dispose();
            if (frame.Kind is SocketFrameKind.Closed || _socket.State is not (WebSocketState.Open or WebSocketState.CloseSent))
            {
                Ahead = Nothing;
                return;
            }

            Advance();
        }
    }

    public void Abort() => _socket.Abort();

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        _socket.Abort();

        // A message that arrived last is left to the garbage collector: a reader may be taking it right now.
        await Ahead;
        _socket.Dispose();
        ReleaseBuffer();
    }

    private async Task<SocketFrame> ReceiveAsync()
    {
        SocketFrame frame;
        try
        {
            frame = await ReceiveCoreAsync();
        }
        catch (OperationCanceledException) when (_lifetime.IsCancellationRequested)
        {
            frame = Failed(CallStatusCode.Cancelled, "The call was cancelled.");
        }
        catch (Exception e) when (e is WebSocketException or IOException or ObjectDisposedException or InvalidOperationException or OperationCanceledException)
        {
            frame = Failed(CallStatusCode.Unavailable, $"The connection was lost: {e.Message}");
        }

        _received?.Invoke(frame);
        return frame;
    }

    private async ValueTask<SocketFrame> ReceiveCoreAsync()
    {
        var buffer = _buffer ??= ArrayPool<byte>.Shared.Rent(SmallBuffer);
        for (var count = 0; ;)
        {
            var received = await _socket.ReceiveAsync(buffer.AsMemory(count), _lifetime);
            count += received.Count;
            var text = received.MessageType == WebSocketMessageType.Text;
            if (received.MessageType == WebSocketMessageType.Close)
            {
                return new(SocketFrameKind.Closed);
            }

            if (count > _maxMessageBytes && !(text && IsControl(buffer) && count <= _maxMessageBytes + ControlAllowance))
            {
                return Failed(CallStatusCode.ResourceExhausted, $"A message is larger than {_maxMessageBytes} bytes.");
            }

            if (received.EndOfMessage)
            {
                return text ? TakeText(buffer.AsSpan(0, count)) : new(SocketFrameKind.Binary, Take(buffer.AsSpan(0, count)));
            }

            buffer = count < buffer.Length ? buffer : Grow(count);
        }
    }

    private SocketFrame TakeText(ReadOnlySpan<byte> text)
    {
        if (text.Length == 0)
        {
            return new(SocketFrameKind.HalfClose);
        }

        if (IsControl(text))
        {
            return ControlFrame.IsStatus(text) ? new(SocketFrameKind.Status, End: ControlFrame.ReadStatus(text))
                : ControlFrame.IsHeaders(text) ? new(SocketFrameKind.Headers, Headers: ControlFrame.ReadHeaders(text))
                : Failed(CallStatusCode.Unknown, "The server sent a control frame of a later version.");
        }

        return new(SocketFrameKind.Text, Take(text));
    }

    private CallMessage Take(ReadOnlySpan<byte> bytes)
    {
        var message = CallMessage.Copy(bytes);
        if (_buffer!.Length > 16 * SmallBuffer)
        {
            ReleaseBuffer();
        }

        return message;
    }

    private byte[] Grow(int count)
    {
        // One byte above the limit is enough to know that there is more.
        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(count * 4L, 1L + _maxMessageBytes + ControlAllowance));
        _buffer.AsSpan(0, count).CopyTo(larger);
        ReleaseBuffer();
        return _buffer = larger;
    }

    private void ReleaseBuffer()
    {
        if (_buffer is { } buffer)
        {
            _buffer = null;
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // Only servers send control frames; to a server every text is a message.
    private bool IsControl(ReadOnlySpan<byte> text) => _readsControl && text.StartsWith(ControlFrame.Mark);

    private static SocketFrame Failed(CallStatusCode code, string message) => new(SocketFrameKind.Failed, End: new(new CallStatus(code, message)));
}
