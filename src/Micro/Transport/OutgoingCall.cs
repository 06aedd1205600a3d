namespace Micro.Transport;

/// <summary>One attempt of a call, as the client pipeline hands it to a transport.</summary>
/// <param name="Spec">What is called.</param>
/// <param name="ContentType">Content type of the messages, e.g. <c>application/json</c>; how it is spelt on the wire is the transport's business.</param>
/// <param name="Headers">The caller's headers; none of them reserved. Read only for the transport. Null when there are none.</param>
/// <param name="Timeout">Time left until the deadline, sent to the server; null when there is none. The pipeline enforces it locally by the token.</param>
public readonly record struct OutgoingCall(CallSpec Spec, string ContentType, CallHeaders? Headers, TimeSpan? Timeout)
{
    /// <summary>How many attempts came before this one; sent as <c>grpc-previous-rpc-attempts</c> when above zero.</summary>
    public int PreviousAttempts { get; init; }

    /// <summary>W3C <c>traceparent</c>, or null when the call is not traced.</summary>
    public string? TraceParent { get; init; }

    /// <summary>W3C <c>tracestate</c>, or null.</summary>
    public string? TraceState { get; init; }

    /// <summary>Whether anyone will look at response headers and trailers of a successful unary call; when false a transport may skip building them.</summary>
    public bool WantsHeaders { get; init; }
}
