namespace Micro.Transport;

/// <summary>One call as a server transport took it from the wire, before anything of it was read or decoded.</summary>
public sealed class IncomingCall
{
    /// <summary>The raw path, byte for byte as received.</summary>
    public required string Path { get; init; }

    /// <summary>Content type of the messages without parameters, e.g. <c>application/json</c>; empty when the peer sent none.</summary>
    public required string ContentType { get; init; }

    /// <summary>Content type the peer wants the answer in; null means the same.</summary>
    public string? Accept { get; init; }

    /// <summary>Headers of the caller, reserved ones removed.</summary>
    public required CallHeaders Headers { get; init; }

    /// <summary>The messages, and where the outcome goes.</summary>
    public required ICallStream Stream { get; init; }

    /// <summary>Time left by the caller's account; null when it sets no deadline. Zero or less: expired on arrival.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Attempts that came before this one.</summary>
    public int PreviousAttempts { get; init; }

    /// <summary>W3C <c>traceparent</c> of the caller, or null.</summary>
    public string? TraceParent { get; init; }

    /// <summary>W3C <c>tracestate</c> of the caller, or null.</summary>
    public string? TraceState { get; init; }

    /// <summary>Scheme of the transport, for telemetry: <c>grpc</c>, <c>http</c>, <c>inproc</c>.</summary>
    public required string Transport { get; init; }

    /// <summary>Where the caller is, for logs; null when the transport does not know.</summary>
    public string? RemoteAddress { get; init; }

    /// <summary>Who calls, as far as the connection and its token prove. Default: nobody is known.</summary>
    public Caller Caller { get; init; } = Caller.Anonymous;

    /// <summary>Whether it came over a listener for callers from outside of the mesh, where nobody counts as more than was verified.</summary>
    internal bool IsFromOutside { get; init; }

    /// <summary>
    /// Why the transport cannot take the call as it came: a content type, a deadline, a framing. Told only to those who may call; null when it can.
    /// </summary>
    public CallStatus? Refusal { get; init; }

    /// <summary>Fires when the caller went away or cancelled.</summary>
    public CancellationToken Aborted { get; init; }
}
