namespace Micro;

/// <summary>
/// The one exception for a call that failed. Handlers throw it to answer with a code of their choice; clients catch it and look at
/// <see cref="Code"/>. It keeps code, message and details over every transport.
/// </summary>
public class CallException : Exception
{
    /// <summary>Creates a failure from a code and a message.</summary>
    /// <param name="code">Not <see cref="CallStatusCode.Ok"/>.</param>
    /// <param name="message">Sent to the peer as it is.</param>
    public CallException(CallStatusCode code, string message)
        : this(new CallStatus(code, message))
    {
    }

    /// <summary>Creates a failure from a whole outcome.</summary>
    /// <param name="status">Not OK.</param>
    /// <param name="innerException">The local cause; never sent to the peer.</param>
    /// <param name="attempts">What was tried, in order; empty when unknown.</param>
    public CallException(CallStatus status, Exception? innerException = null, IReadOnlyList<CallAttempt>? attempts = null)
        : base(Describe(status, attempts), innerException)
    {
        if (status.IsOk)
        {
            throw new ArgumentException("A call that succeeded is not an exception.", nameof(status));
        }

        Status = status;
        Attempts = attempts ?? [];
    }

    /// <summary>The outcome as it came from the peer or was found locally.</summary>
    public CallStatus Status { get; }

    /// <summary>Short for <c>Status.Code</c>.</summary>
    public CallStatusCode Code => Status.Code;

    /// <summary>Every attempt in order: which instance, at which address, with which outcome. Empty on the server.</summary>
    public IReadOnlyList<CallAttempt> Attempts { get; }

    /// <summary>Finds the outcome in an exception or any of its inner exceptions.</summary>
    /// <param name="exception">Any exception, or null.</param>
    /// <returns>Null when none of them is a <see cref="CallException"/>.</returns>
    public static CallStatus? StatusOf(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is CallException call)
            {
                return call.Status;
            }
        }

        return null;
    }

    /// <summary>True when the exception, or one it wraps, carries one of the codes.</summary>
    /// <param name="exception">Any exception, or null.</param>
    /// <param name="codes">The codes to look for.</param>
    public static bool CodeIn(Exception? exception, params ReadOnlySpan<CallStatusCode> codes) =>
        StatusOf(exception) is { } status && codes.Contains(status.Code);

    private static string Describe(CallStatus status, IReadOnlyList<CallAttempt>? attempts)
    {
        ArgumentNullException.ThrowIfNull(status);
        var text = status.ToString();
        if (status.Code == CallStatusCode.Unavailable)
        {
            text += status.NotProcessed ? " (not processed)" : " (may have executed)";
        }

        return attempts is { Count: > 1 } ? $"{text} [tried {string.Join("; ", attempts)}]" : text;
    }
}
