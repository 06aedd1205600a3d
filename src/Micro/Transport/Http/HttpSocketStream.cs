using System.Net;
using System.Net.WebSockets;

namespace Micro.Transport.Http;

/// <summary>A call of any kind over a WebSocket of its own: subprotocol <c>micro.v1</c>.</summary>
internal sealed class HttpSocketStream : ICallStream
{
    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan CloseLimit = TimeSpan.FromSeconds(1);

    private readonly HttpClientConnection _connection;
    private readonly OutgoingCall _call;
    private readonly CancellationTokenSource _abort;
    private readonly Task _opened;
    private MessageSocket? _socket;
    private CallHeaders? _headers;
    private CallEnd? _refusal;
    private bool _ended;
    private int _disposed;

    public HttpSocketStream(HttpClientConnection connection, OutgoingCall call, CancellationToken callToken)
    {
        _connection = connection;
        _call = call;
        _abort = CancellationTokenSource.CreateLinkedTokenSource(callToken);
        _opened = ConnectAsync();
    }

    public CallEnd? End { get; private set; }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        var socket = await OpenedAsync(cancellationToken);
        await ThrowIfOverAsync(socket);
        try
        {
            await socket!.SendAsync(message, text: false, cancellationToken);
        }
        catch (Exception e) when (IsLoss(e))
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new CallException(await OutcomeAsync(socket!, e, cancellationToken), e);
        }
    }

    public async ValueTask CompleteAsync(CallEnd end, CancellationToken cancellationToken)
    {
        var socket = await OpenedAsync(cancellationToken);
        if (socket is null || IsOver(socket))
        {
            return;
        }

        try
        {
            await socket.SendAsync(default, text: true, cancellationToken);
        }
        catch (Exception e) when (IsLoss(e))
        {
            // The call is over; reading says how.
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    public async ValueTask<CallHeaders> HeadersAsync(CancellationToken cancellationToken)
    {
        var socket = await OpenedAsync(cancellationToken);
        if (_headers is null && socket is not null)
        {
            var frame = await socket.Ahead.WaitAsync(cancellationToken);
            TakeHeaders(socket, frame);
        }

        return _headers ??= [];
    }

    public async ValueTask<CallMessage?> ReadAsync(CancellationToken cancellationToken)
    {
        if (End is not null)
        {
            return null;
        }

        var socket = await OpenedAsync(cancellationToken);
        if (socket is null)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return EndWith(_refusal!);
        }

        while (true)
        {
            var frame = await socket.Ahead.WaitAsync(cancellationToken);
            if (TakeHeaders(socket, frame))
            {
                continue;
            }

            if (EndOf(frame) is { } end)
            {
                cancellationToken.ThrowIfCancellationRequested();
                return EndWith(end);
            }

            _headers ??= [];
            socket.Advance();
            return frame.Message;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        if (_ended && _socket is not null)
        {
            await SayGoodbyeAsync(_socket);
        }

        await _abort.CancelAsync();
        await _opened;
        if (_socket is not null)
        {
            await _socket.DisposeAsync();
        }

        _abort.Dispose();
    }

    // Never fails: without a socket there is a refusal.
    private async Task ConnectAsync()
    {
        try
        {
            using var request = CreateRequest(out var key);
            var response = await _connection.SendAsync(request, _abort.Token);
            if (response.StatusCode != HttpStatusCode.SwitchingProtocols)
            {
                using (response)
                {
                    await RefuseAsync(response);
                    return;
                }
            }

            if (!IsMicro(response, key))
            {
                response.Dispose();
                _refusal = new(new CallStatus(CallStatusCode.Unknown, $"{_call.Spec} was answered with a WebSocket that does not speak {HttpNames.SubProtocol}."));
                return;
            }

            var socket = WebSocket.CreateFromStream(
                await response.Content.ReadAsStreamAsync(_abort.Token),
                new WebSocketCreationOptions { IsServer = false, SubProtocol = HttpNames.SubProtocol, KeepAliveInterval = PingInterval });
            _socket = new MessageSocket(socket, _connection.MaxMessageBytes, null, _abort.Token);
        }
        catch (Exception e)
        {
            _refusal = new(_abort.IsCancellationRequested ? Cancelled() : _connection.FailureOf(e));
        }
    }

    private HttpRequestMessage CreateRequest(out string key)
    {
        // Content, although it is empty: it keeps the handler from sending the request again by itself.
        var request = _connection.Requests.Create(HttpMethod.Get, _call, new ReadOnlyMemoryContent(default));
        Span<byte> nonce = stackalloc byte[16];
        BitConverter.TryWriteBytes(nonce, _connection.Random.Next());
        BitConverter.TryWriteBytes(nonce[8..], _connection.Random.Next());
        key = Convert.ToBase64String(nonce);
        request.Headers.TryAddWithoutValidation("Connection", "Upgrade");
        request.Headers.TryAddWithoutValidation("Upgrade", "websocket");
        request.Headers.TryAddWithoutValidation(HttpNames.SocketVersion, "13");
        request.Headers.TryAddWithoutValidation(HttpNames.SocketProtocol, HttpNames.SubProtocol);
        request.Headers.TryAddWithoutValidation(HttpNames.SocketKey, key);
        return request;
    }

    private static bool IsMicro(HttpResponseMessage response, string key) =>
        response.Headers.NonValidated.TryGetValues(HttpNames.SocketAccept, out var accept) && accept.ToString() == HttpNames.AcceptOf(key)
        && response.Headers.NonValidated.TryGetValues(HttpNames.SocketProtocol, out var protocol) && protocol.ToString() == HttpNames.SubProtocol;

    private async ValueTask RefuseAsync(HttpResponseMessage response)
    {
        var reply = await _connection.Replies.ReadFailureAsync(response, _call, _abort.Token);
        _headers = reply.Headers;
        _refusal = reply.End;
    }

    private async ValueTask<MessageSocket?> OpenedAsync(CancellationToken cancellationToken)
    {
        if (!_opened.IsCompleted)
        {
            await _opened.WaitAsync(cancellationToken);
        }

        return _socket;
    }

    private bool TakeHeaders(MessageSocket socket, SocketFrame frame)
    {
        if (_headers is not null || frame.Kind != SocketFrameKind.Headers)
        {
            return false;
        }

        _headers = frame.Headers;
        socket.Advance();
        return true;
    }

    private CallEnd? EndOf(SocketFrame frame) => frame.Kind switch
    {
        SocketFrameKind.Binary or SocketFrameKind.Text => null,
        SocketFrameKind.Status or SocketFrameKind.Failed => frame.End,
        _ => new(new CallStatus(CallStatusCode.Unavailable, $"The stream of {_call.Spec} ended without a status.")),
    };

    private CallMessage? EndWith(CallEnd end)
    {
        _ended = true;
        End = end;
        return null;
    }

    private bool IsOver(MessageSocket socket) => End is not null
        || (socket.Ahead is { IsCompletedSuccessfully: true } ahead && ahead.GetAwaiter().GetResult().End is not null);

    private async ValueTask ThrowIfOverAsync(MessageSocket? socket)
    {
        if (socket is null)
        {
            throw new CallException(_refusal!.Status);
        }

        if (IsOver(socket))
        {
            var end = End ?? EndOf(await socket.Ahead)!;
            throw new CallException(end.Status.IsOk ? new CallStatus(CallStatusCode.Cancelled, $"{_call.Spec} has ended with OK.") : end.Status);
        }
    }

    // A send that fails is how a writer learns that the call is over; how it ended stands in the frame that is there, or comes at once.
    private async ValueTask<CallStatus> OutcomeAsync(MessageSocket socket, Exception exception, CancellationToken cancellationToken)
    {
        var end = End ?? EndOf(await socket.Ahead.WaitAsync(cancellationToken));
        return end is { Status.IsOk: false } ? end.Status : _connection.FailureOf(exception);
    }

    private async ValueTask SayGoodbyeAsync(MessageSocket socket)
    {
        using var limit = new CancellationTokenSource(CloseLimit, _connection.Time);
        try
        {
            await socket.CloseAsync(limit.Token);
        }
        catch (Exception e) when (IsLoss(e))
        {
            // The peer went first.
        }
    }

    private static bool IsLoss(Exception e) =>
        e is WebSocketException or IOException or ObjectDisposedException or InvalidOperationException or OperationCanceledException;

    private static CallStatus Cancelled() => new(CallStatusCode.Cancelled, "The call was cancelled.");
}
