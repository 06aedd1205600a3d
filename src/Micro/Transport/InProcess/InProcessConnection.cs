namespace Micro.Transport.InProcess;

/// <summary>The way to one listener of this process.</summary>
internal sealed class InProcessConnection(Uri address, ConnectionTarget target) : IClientConnection, IUnaryConnection
{
    private readonly Caller _caller = target.Caller is { } identity ? new Caller(identity) : Caller.Anonymous;
    private readonly CancellationTokenSource _closed = new();

    public ValueTask<ICallStream> OpenAsync(OutgoingCall call, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Endpoint() is not { } endpoint)
        {
            return new(new EndedCallStream(NotThere()));
        }

        var pair = new InProcessCall(cancellationToken, _closed.Token);
        endpoint.Start(Incoming(call, pair.Server, pair.Aborted));
        return new(pair.Client);
    }

    public async ValueTask<UnaryReply> CallAsync(OutgoingCall call, ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Endpoint() is not { } endpoint)
        {
            return new UnaryReply(NotThere());
        }

        if (InProcessEndpoint.TooLarge(request.Length) is { } tooLarge)
        {
            return new UnaryReply(new CallEnd(tooLarge));
        }

        var stream = new InProcessUnaryCall(request, cancellationToken, _closed.Token);
        endpoint.Start(Incoming(call, stream, stream.Aborted));
        return await stream.ReplyAsync();
    }

    public async ValueTask DisposeAsync()
    {
        // Not disposed: calls in flight still look at its token. It holds no timer, so nothing is kept.
        await _closed.CancelAsync();
    }

    private IncomingCall Incoming(OutgoingCall call, ICallStream stream, CancellationToken aborted) => new()
    {
        Path = call.Spec.Path,
        ContentType = call.ContentType,
        Headers = call.Headers?.Copy() ?? new CallHeaders(),
        Stream = stream,
        Timeout = call.Timeout,
        PreviousAttempts = call.PreviousAttempts,
        TraceParent = call.TraceParent,
        TraceState = call.TraceState,
        Transport = "inproc",
        RemoteAddress = "inproc",

        // Nothing to prove inside of one process: whoever could lie here could call the handler itself.
        Caller = _caller,
        Aborted = aborted,
    };

    private InProcessEndpoint? Endpoint() => _closed.IsCancellationRequested ? null : InProcessNetwork.Find(address.Host);

    private CallEnd NotThere() => new(new CallStatus(
        CallStatusCode.Unavailable,
        _closed.IsCancellationRequested ? $"The connection to {address} is closed." : $"Nothing listens at {address} in this process.",
        notProcessed: true));
}
