namespace Micro;

/// <summary>
/// The outcome of a call: code, message and details, and whether the call can have had an effect. Immutable; safe to share between threads.
/// </summary>
public sealed class CallStatus : IEquatable<CallStatus>
{
    /// <summary>The one successful outcome.</summary>
    public static readonly CallStatus Ok = new(CallStatusCode.Ok);

    /// <summary>Creates an outcome.</summary>
    /// <param name="code">One of the closed set; a number outside it becomes <see cref="CallStatusCode.Unknown"/>.</param>
    /// <param name="message">For people: what was wrong and what to do. Sent to the peer, so without secrets, paths or stack traces.</param>
    /// <param name="details">For programs. Order is kept.</param>
    /// <param name="notProcessed">True only when it is proven that no handler ran, so that sending the call again is safe.</param>
    public CallStatus(CallStatusCode code, string? message = null, IReadOnlyList<CallErrorDetail>? details = null, bool notProcessed = false)
    {
        Code = code is < CallStatusCode.Ok or > CallStatusCode.Unauthenticated ? CallStatusCode.Unknown : code;
        Message = message ?? "";
        Details = details ?? [];
        NotProcessed = notProcessed;
    }

    /// <summary>The code.</summary>
    public CallStatusCode Code { get; }

    /// <summary>The message; empty when there is none.</summary>
    public string Message { get; }

    /// <summary>The details, in order; empty when there are none.</summary>
    public IReadOnlyList<CallErrorDetail> Details { get; }

    /// <summary>True when no handler ran: a retry elsewhere is safe. False means the call <em>may have executed</em>.</summary>
    public bool NotProcessed { get; }

    /// <summary>True for <see cref="CallStatusCode.Ok"/>.</summary>
    public bool IsOk => Code == CallStatusCode.Ok;

    /// <summary>
    /// True when the same call may succeed later or elsewhere: UNAVAILABLE, or anything proven not processed other than a refusal of the caller.
    /// Whether it is <em>safe</em> to repeat depends on <see cref="NotProcessed"/> and on the method being idempotent.
    /// </summary>
    public bool IsTransient => Code is CallStatusCode.Unavailable
        || (NotProcessed && Code is CallStatusCode.ResourceExhausted or CallStatusCode.Aborted);

    /// <summary>Returns the same outcome with the mark that no handler ran.</summary>
    public CallStatus AsNotProcessed() => NotProcessed ? this : new(Code, Message, Details, notProcessed: true);

    /// <inheritdoc/>
    public bool Equals(CallStatus? other) =>
        other is not null && Code == other.Code && Message == other.Message
        && NotProcessed == other.NotProcessed && Details.SequenceEqual(other.Details);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as CallStatus);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Code, Message, NotProcessed, Details.Count);

    /// <summary>The code and the message, for logs.</summary>
    public override string ToString() => Message.Length == 0 ? Code.ToString() : $"{Code}: {Message}";
}
