using Micro.Internal;

namespace Micro.Transport.Http;

/// <summary>
/// One address over HTTP/1.1. Requests go through one pool of sockets, which is bounded: what comes above waits. Nothing is ever sent twice by
/// this class or below: SocketsHttpHandler repeats a request on another socket only while it has not begun to send content, and every
/// request here has content.
/// </summary>
internal sealed class HttpClientConnection : IClientConnection, IUnaryConnection
{
    private readonly HttpTarget _target;
    private readonly HttpSockets _sockets;
    private readonly HttpMessageInvoker _invoker;

    public HttpClientConnection(HttpTarget target, HttpTransportOptions options, RandomSource random, TimeProvider time)
    {
        _target = target;
        _sockets = new HttpSockets(target);
        _invoker = new HttpMessageInvoker(CreateHandler(options, target, _sockets), disposeHandler: true);
        Requests = new HttpRequests(target.Origin);
        Replies = new HttpReplies(options.MaxMessageBytes, time);
        MaxMessageBytes = options.MaxMessageBytes;
        Random = random;
        Time = time;
    }

    public HttpRequests Requests { get; }

    public HttpReplies Replies { get; }

    public RandomSource Random { get; }

    public TimeProvider Time { get; }

    public int MaxMessageBytes { get; }

    public ValueTask<ICallStream> OpenAsync(OutgoingCall call, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var post = call.Spec.Kind == CallKind.Unary || (call.Spec.Kind == CallKind.ServerStream && HttpNames.IsJson(call.ContentType));
        return new(post ? new HttpPostStream(this, call, cancellationToken) : new HttpSocketStream(this, call, cancellationToken));
    }

    public async ValueTask<UnaryReply> CallAsync(OutgoingCall call, ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        try
        {
            using var message = Requests.Create(HttpMethod.Post, call, new ReadOnlyMemoryContent(request));
            using var response = await SendAsync(message, cancellationToken);
            return await Replies.ReadUnaryAsync(response, call, cancellationToken);
        }
        catch (Exception e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return new(new CallEnd(FailureOf(e)));
        }
    }

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage message, CancellationToken cancellationToken) => _sockets.IsClosed
        ? throw new HttpRequestException(HttpRequestError.ConnectionError)
        : _invoker.SendAsync(message, cancellationToken);

    /// <summary>The outcome that an exception of <see cref="SendAsync"/>, or of reading its response, means.</summary>
    public CallStatus FailureOf(Exception exception) => HttpFailure.Of(exception, _target.Address, _sockets.IsClosed);

    public ValueTask DisposeAsync()
    {
        _invoker.Dispose();
        _sockets.Dispose();
        return default;
    }

    private static SocketsHttpHandler CreateHandler(HttpTransportOptions options, HttpTarget target, HttpSockets sockets) => new()
    {
        ActivityHeadersPropagator = null,
        AllowAutoRedirect = false,
        AutomaticDecompression = System.Net.DecompressionMethods.None,
        ConnectCallback = (_, cancellationToken) => sockets.ConnectAsync(cancellationToken),
        ConnectTimeout = options.ConnectTimeout,
        MaxConnectionsPerServer = options.MaxConnections,
        PooledConnectionIdleTimeout = options.IdleTimeout,
        PooledConnectionLifetime = target.IsSecure ? target.Target.ConnectionLifetime : Timeout.InfiniteTimeSpan,

        // Closing the socket is how a server learns that nobody reads on; waiting for the rest of a stream would keep its handler running meanwhile.
        ResponseDrainTimeout = TimeSpan.Zero,
        UseCookies = false,
        UseProxy = false,
    };
}
