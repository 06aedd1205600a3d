using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using Micro.Transport;

namespace Micro.Grpc;

/// <summary>
/// Unary calls straight over HTTP/2, without grpc-dotnet between: one request, one response, no timers, streams or linked tokens of its own for each call.
/// docs/decisions/0005-unary-grpc.md has the reason. Source of the wire format: PROTOCOL-HTTP2.md.
/// </summary>
internal sealed class GrpcUnaryCall(HttpMessageHandler handler, GrpcTargets targets, int maxReceiveBytes)
{
    // The handler belongs to the connection.
    private readonly HttpMessageInvoker _http = new(handler, disposeHandler: false);

    /// <exception cref="OperationCanceledException">The token fired, or the call broke as if it had.</exception>
    /// <exception cref="HttpRequestException">The call broke on the way; <see cref="GrpcOutcome"/> says what that means.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<UnaryReply> SendAsync(OutgoingCall call, MediaTypeHeaderValue contentType, ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        using var content = new GrpcUnaryContent(message.Span);
        using var request = new HttpRequestMessage(HttpMethod.Post, targets.Of(call.Spec))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        GrpcRequestHead.Write(call, contentType, request);
        using var response = await _http.SendAsync(request, cancellationToken);

        // An outcome in the headers is all there is, whatever HTTP says beside it; one in the trailers comes after the message.
        if (GrpcResponseHead.HasStatus(response.Headers))
        {
            return Outcome(response, response.Headers, call.WantsHeaders, null);
        }

        if (GrpcResponseHead.NotGrpc(response) is { } status)
        {
            return new UnaryReply(new CallEnd(status));
        }

        var (reply, wrong) = await GrpcFrame.ReadAsync(
            await response.Content.ReadAsStreamAsync(cancellationToken), GrpcResponseHead.Encoding(response), maxReceiveBytes, cancellationToken);
        if (wrong is not null)
        {
            return new UnaryReply(new CallEnd(wrong));
        }

        return Outcome(response, response.TrailingHeaders, call.WantsHeaders, reply);
    }

    private static UnaryReply Outcome(HttpResponseMessage response, HttpHeaders trailers, bool wantsHeaders, CallMessage? message)
    {
        var end = GrpcResponseHead.IsOk(trailers) && !wantsHeaders ? CallEnd.Ok : GrpcResponseHead.End(trailers);
        var headers = wantsHeaders && !ReferenceEquals(trailers, response.Headers) ? GrpcResponseHead.Headers(response) : null;
        if (end.Status.IsOk)
        {
            return new UnaryReply(end, message, headers);
        }

        message?.Dispose();
        return new UnaryReply(end, null, headers);
    }
}
