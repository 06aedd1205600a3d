using Micro.Transport;

namespace Micro.Rpc;

/// <summary>
/// In front of a connection in plaintext, where that is allowed: whoever listens on the way could use a token as its owner does, so none is ever sent (TOK-5).
/// </summary>
internal sealed class PlaintextConnection(IClientConnection inner) : IClientConnection, IUnaryConnection
{
    private static readonly CallStatus Refused = new(
        CallStatusCode.FailedPrecondition,
        "A token or password (header authorization) is not sent in plaintext. Call an address with TLS: set Micro:Security:Insecure=false on both sides; certificates come by themselves.",
        notProcessed: true);

    private readonly IUnaryConnection? _unary = inner as IUnaryConnection;

    public ValueTask<ICallStream> OpenAsync(OutgoingCall call, CancellationToken cancellationToken) =>
        BringsSecret(call) ? throw new CallException(Refused) : inner.OpenAsync(call, cancellationToken);

    public ValueTask<UnaryReply> CallAsync(OutgoingCall call, ReadOnlyMemory<byte> request, CancellationToken cancellationToken) =>
        BringsSecret(call) ? new(new UnaryReply(new CallEnd(Refused)))
        : _unary is not null ? _unary.CallAsync(call, request, cancellationToken)
        : UnaryOverStream.CallAsync(inner, call, request, cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private static bool BringsSecret(in OutgoingCall call) =>
        call.Headers is { Count: > 0 } headers && (headers.Contains("authorization") || headers.Contains("proxy-authorization"));
}
