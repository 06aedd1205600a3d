namespace Micro.Transport.Http;

/// <summary>Header names and content types of the protocol, for both halves. What they mean is in docs/http.md.</summary>
internal static class HttpNames
{
    public const string Timeout = "grpc-timeout";
    public const string GoMicroTimeout = "timeout";
    public const string PreviousAttempts = "grpc-previous-rpc-attempts";
    public const string RetryPushback = "grpc-retry-pushback-ms";
    public const string TraceParent = "traceparent";
    public const string TraceState = "tracestate";
    public const string TrailerPrefix = "micro-trailer-";

    public const string Lines = "application/x-ndjson";
    public const string Events = "text/event-stream";

    public const string SubProtocol = "micro.v1";
    public const string SocketKey = "Sec-WebSocket-Key";
    public const string SocketAccept = "Sec-WebSocket-Accept";
    public const string SocketProtocol = "Sec-WebSocket-Protocol";
    public const string SocketVersion = "Sec-WebSocket-Version";

    /// <summary>True for content types whose messages are JSON texts.</summary>
    public static bool IsJson(string contentType) =>
        contentType == Codecs.ContentTypes.Json || contentType.EndsWith("+json", StringComparison.Ordinal);

    /// <summary>The answer to a <c>Sec-WebSocket-Key</c>. Source: RFC 6455 §4.2.2, where SHA-1 is a checksum and not a secret.</summary>
    public static string AcceptOf(string key) => Convert.ToBase64String(
        System.Security.Cryptography.SHA1.HashData(System.Text.Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
}
