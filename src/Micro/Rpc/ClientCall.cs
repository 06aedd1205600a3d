using System.Diagnostics;
using Micro.Transport;

namespace Micro.Rpc;

/// <summary>C1's result: a call that has begun, and how its end is told.</summary>
internal readonly struct ClientCall
{
    private readonly CallCancellation _cancellation;
    private readonly CallTelemetry.CallSpan _span;
    private readonly CancellationToken _callers;
    private readonly CancellationToken _contexts;
    private readonly CancellationToken _outers;
    private readonly TimeSpan _timeout;
    private readonly CallSpec _spec;

    private ClientCall(
        CallSpec spec, CallContext context, CallCancellation cancellation, CallTelemetry.CallSpan span, TimeSpan timeout, CancellationToken callers, CancellationToken outers)
    {
        _spec = spec;
        Context = context;
        _cancellation = cancellation;
        _span = span;
        _timeout = timeout;
        _callers = callers;
        _contexts = context.CancellationToken;
        _outers = outers;
        context.CancellationToken = cancellation.Token;
    }

    public CallContext Context { get; }

    /// <param name="spec">What is called.</param>
    /// <param name="context">Its context.</param>
    /// <param name="services">Clock and telemetry.</param>
    /// <param name="times">The timeout, explicit or default, which the deadline of the call being handled caps; and how long a stream may be idle.</param>
    /// <param name="pooled">Whether nobody outside the pipeline sees the token.</param>
    /// <param name="cancellationToken">The caller's token.</param>
    public static ClientCall Begin(
        CallSpec spec, CallContext context, ClientServices services, CallTimes times, bool pooled, CancellationToken cancellationToken)
    {
        var timeout = times.Timeout;
        var clock = services.Clock;
        var outer = CallContext.Outer;
        var cancellation = pooled ? CallCancellation.Rent(clock) : CallCancellation.Create(clock, services.CallbackFailed);
        var deadline = timeout == Timeout.InfiniteTimeSpan ? Deadlines.None : Deadlines.After(clock, timeout);
        if (outer?.DeadlineTicks is { } inherited && inherited < deadline)
        {
            deadline = inherited;
        }

        if (deadline != Deadlines.None)
        {
            context.SetDeadline(clock, deadline);
            cancellation.CancelAfter(context.Remaining!.Value);
        }

        context.SetCancellation(cancellation, times.Idle);
        context.Touch();
        cancellation.Link(cancellationToken);
        cancellation.Link(context.CancellationToken);
        cancellation.Link(outer?.CancellationToken ?? default);
        return new ClientCall(
            spec, context, cancellation, services.Telemetry.StartClient(spec), timeout, cancellationToken, outer?.CancellationToken ?? default);
    }

    /// <summary>One attempt as the transports see it, with the time that is left <em>now</em>.</summary>
    public static OutgoingCall Outgoing(CallSpec spec, CallContext context, string contentType, int attempt, bool wantsHeaders)
    {
        var activity = Activity.Current;
        return new OutgoingCall(spec, contentType, context.HasRequestHeaders ? context.RequestHeaders : null, context.Remaining)
        {
            PreviousAttempts = attempt,
            TraceParent = activity is { IdFormat: ActivityIdFormat.W3C } ? activity.Id : null,

            // It came from somewhere, perhaps with what no header can hold: a call does not fail by that.
            TraceState = activity?.TraceStateString is { } state && CallHeaders.CanSend(state) ? state : null,
            WantsHeaders = wantsHeaders,
        };
    }

    /// <summary>
    /// What the caller gets to see: its own cancellation as <see cref="OperationCanceledException"/>, a passed deadline as DEADLINE_EXCEEDED, the rest as it is.
    /// </summary>
    public Exception Translate(Exception exception)
    {
        // A transport may tell of the token also by the outcome CANCELLED.
        if (exception is not (OperationCanceledException or CallException { Code: CallStatusCode.Cancelled }) || !_cancellation.Token.IsCancellationRequested)
        {
            return exception;
        }

        if (_callers.IsCancellationRequested)
        {
            return new OperationCanceledException(exception.Message, exception, _callers);
        }

        if (_contexts.IsCancellationRequested)
        {
            return new OperationCanceledException(exception.Message, exception, _contexts);
        }

        if (_outers.IsCancellationRequested && Context.Remaining is null or { Ticks: > 0 })
        {
            return new OperationCanceledException("The call being handled was cancelled, and this call with it.", exception, _outers);
        }

        var reason = Context.DeadlineTicks is not null && Context.Remaining == TimeSpan.Zero
            ? $"{_spec} of service '{_spec.Service}' gave no answer within its deadline ({(_timeout == Timeout.InfiniteTimeSpan ? "that of the call being handled" : $"{_timeout.TotalSeconds:0.###} s")})."
            : $"{_spec} of service '{_spec.Service}' had no message either way for too long.";
        return new CallException(new CallStatus(CallStatusCode.DeadlineExceeded, reason), exception, Context.Tried);
    }

    public void End(CallStatusCode code)
    {
        Context.CancellationToken = _contexts;
        Context.SetCancellation(null, TimeSpan.Zero);
        _span.Stop(code);
        _cancellation.Dispose();
    }
}

/// <summary>How long a call may take, and how long its streams may be idle; not positive: no limit.</summary>
internal readonly record struct CallTimes(TimeSpan Timeout, TimeSpan Idle);
