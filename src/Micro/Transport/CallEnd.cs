namespace Micro.Transport;

/// <summary>How a call ended: its outcome and the headers that came after the last message.</summary>
/// <param name="Status">The outcome.</param>
/// <param name="Trailers">Trailers, or null when there are none.</param>
public sealed record CallEnd(CallStatus Status, CallHeaders? Trailers = null)
{
    /// <summary>Success without trailers; also what a client half-closes with.</summary>
    public static readonly CallEnd Ok = new(CallStatus.Ok);

    /// <summary>
    /// How long the server asks to wait before a retry; negative means: do not retry at all. Null when it said nothing.
    /// Source: gRFC A6, server pushback.
    /// </summary>
    public TimeSpan? RetryPushback { get; init; }
}
