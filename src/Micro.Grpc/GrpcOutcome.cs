using global::Grpc.Core;
using System.Globalization;
using Micro.Transport;

namespace Micro.Grpc;

/// <summary>
/// From what grpc-dotnet throws to the outcome of a call. The question that matters most is whether the request can have reached a handler (LB-3): only what
/// proves that it did not sets <see cref="CallStatus.NotProcessed"/>.
/// </summary>
internal static class GrpcOutcome
{
    private const int RefusedStream = 7;

    /// <summary>What grpc-dotnet and the handlers below it throw when a call fails; anything else is a defect here.</summary>
    public static bool IsTransportFailure(Exception e) =>
        e is RpcException or OperationCanceledException or ObjectDisposedException or HttpRequestException or IOException or FormatException;

    public static CallStatus TooLarge(int length, int limit) =>
        new(CallStatusCode.ResourceExhausted, $"The message has {length} bytes; at most {limit} may be sent (Micro:Grpc:MaxSendMessageBytes).");

    /// <summary>From what was thrown.</summary>
    public static CallEnd Read(Exception failure, bool connectionClosed)
    {
        if (failure is not RpcException rpc)
        {
            return new CallEnd(Reset(failure) ?? Broken(failure, connectionClosed));
        }

        if (rpc.Status.DebugException is { } cause)
        {
            return new CallEnd(Oversize(cause) ?? Reset(cause) ?? Broken(cause, connectionClosed));
        }

        return connectionClosed && rpc.StatusCode == StatusCode.Cancelled && rpc.Trailers.Count == 0
            ? new CallEnd(Broken(rpc, connectionClosed))
            : Answered(rpc);
    }

    /// <summary>From what the peer said in its trailers.</summary>
    /// <param name="code">The code; one outside the closed set becomes UNKNOWN.</param>
    /// <param name="message">The message, unescaped.</param>
    /// <param name="details"><c>google.rpc.Status</c>, encoded; null when there is none.</param>
    /// <param name="notProcessed">Whether it said that no handler ran.</param>
    /// <param name="pushback">Its answer to when to retry; null when it said nothing.</param>
    /// <param name="trailers">The service's own trailers.</param>
    public static CallEnd Answered(CallStatusCode code, string message, byte[]? details, bool notProcessed, string? pushback, CallHeaders? trailers)
    {
        var read = StatusDetails.Read(details, ref message);
        return new CallEnd(new CallStatus(code, message, read, notProcessed), trailers) { RetryPushback = Pushback(pushback) };
    }

    /// <summary>The peer said how the call ended, or HTTP did for it.</summary>
    private static CallEnd Answered(RpcException rpc)
    {
        var trailers = rpc.Trailers;
        if (rpc.StatusCode == StatusCode.Cancelled && trailers.GetValue("grpc-status") is null && rpc.Status.Detail.StartsWith("No grpc-status", StringComparison.Ordinal))
        {
            // Nobody cancelled: an answer without its status. Source: http-grpc-status-mapping.md.
            return new CallEnd(new CallStatus(CallStatusCode.Unknown, "The response ended without a status."));
        }

        return Answered(
            (CallStatusCode)(int)rpc.StatusCode,
            rpc.Status.Detail,
            trailers.GetValueBytes("grpc-status-details-bin"),
            trailers.GetValue("micro-executed") == "no",
            trailers.GetValue("grpc-retry-pushback-ms"),
            GrpcHeaders.Read(trailers));
    }

    /// <summary>gRFC A6: a value that is negative or no number means: do not retry.</summary>
    private static TimeSpan? Pushback(string? value) =>
        value is null ? null
        : int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds >= 0
            ? TimeSpan.FromMilliseconds(milliseconds)
            : TimeSpan.FromMilliseconds(-1);

    /// <summary>The call broke on the way.</summary>
    private static CallStatus Broken(Exception cause, bool connectionClosed)
    {
        // Itself, and not as the cause of something else: a handler that takes no call any more, and not a socket that was closed under one.
        var neverSent = cause is ObjectDisposedException;
        var text = "";
        for (var e = cause; e is not null; e = e.InnerException)
        {
            neverSent |= e is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError };
            text = e.Message;
        }

        return neverSent
            ? new CallStatus(CallStatusCode.Unavailable, $"The peer cannot be reached: {text}", notProcessed: true)
            : new CallStatus(CallStatusCode.Unavailable, connectionClosed ? "The connection was closed during the call." : $"The call broke: {text}");
    }

    /// <summary>A length of 2 GB and more is no number to grpc-dotnet; a smaller one above the limit is a status of its own.</summary>
    private static CallStatus? Oversize(Exception cause) =>
        cause is InvalidDataException && cause.Message.StartsWith("Message too large", StringComparison.Ordinal)
            ? new CallStatus(CallStatusCode.ResourceExhausted, "The response message is larger than is taken (Micro:Grpc:MaxReceiveMessageBytes).")
            : null;

    /// <summary>The peer reset the stream. Source: PROTOCOL-HTTP2.md, "Errors". Null when it was not that.</summary>
    private static CallStatus? Reset(Exception cause)
    {
        for (var e = cause; e is not null; e = e.InnerException)
        {
            // The same type tells of connections that broke, of unanswered pings too: those are no verdict on the call. Only the text tells them apart, in full
            // or as the key that trimmed applications have in its place; each of both has the word.
            if (e is HttpProtocolException protocol && protocol.Message.Contains("stream", StringComparison.OrdinalIgnoreCase))
            {
                return protocol.ErrorCode switch
                {
                    RefusedStream => new CallStatus(CallStatusCode.Unavailable, "The peer refused the stream.", notProcessed: true),
                    8 => new CallStatus(CallStatusCode.Cancelled, "The peer cancelled the stream."),
                    11 => new CallStatus(CallStatusCode.ResourceExhausted, "The peer says that it is asked too much (ENHANCE_YOUR_CALM)."),
                    12 => new CallStatus(CallStatusCode.PermissionDenied, "The peer wants a safer connection (INADEQUATE_SECURITY)."),
                    1 or 2 or 3 or 6 or 9 => new CallStatus(CallStatusCode.Internal, $"The peer reset the stream: {protocol.Message}"),
                    _ => null,
                };
            }
        }

        return null;
    }
}
