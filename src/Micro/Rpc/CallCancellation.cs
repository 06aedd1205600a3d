namespace Micro.Rpc;

/// <summary>
/// The one token of a call: fires by the deadline (or idleness), by the caller's token, or by an outer call's. On a client it is pooled, because a timer and a
/// source for each call would be most of what a call allocates; on a server it is not, because handlers may keep their token longer than the call.
/// Use: <see cref="Rent"/> or <see cref="Create"/>, <see cref="Link"/>, <see cref="CancelAfter"/>, <see cref="Dispose"/> after the last use of the token.
/// </summary>
/// <remarks>
/// Users may register callbacks with a token that is not pooled. What such a callback throws belongs to the call: left alone it would end the process when the
/// deadline fires on a timer's thread, and surface in whoever cancelled otherwise. So it is caught here and reported.
/// </remarks>
internal sealed class CallCancellation : IDisposable
{
    private static readonly Action<object?> FireLinked = static state => ((CallCancellation)state!).Cancel();
    private static readonly TimerCallback FireDue = static state => ((CallCancellation)state!).Cancel();

    [ThreadStatic]
    private static CallCancellation? t_spare;

    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _source;
    private readonly Action<Exception>? _callbackFailed;
    private CancellationTokenRegistration _first;
    private CancellationTokenRegistration _second;
    private CancellationTokenRegistration _third;
    private ITimer? _timer;
    private int _links;

    private CallCancellation(TimeProvider clock, Action<Exception>? callbackFailed)
    {
        _clock = clock;
        _callbackFailed = callbackFailed;

        // A pooled source keeps its own timer, which it can reset without a race. With the system's clock it makes that when the first delay is set; another
        // clock has to be given at once, with a delay that every use replaces.
        _source = callbackFailed is not null || ReferenceEquals(clock, TimeProvider.System) ? new() : new(TimeSpan.FromDays(30), clock);
    }

    public CancellationToken Token => _source.Token;

    private bool IsPooled => _callbackFailed is null;

    /// <summary>One whose token only transports see.</summary>
    public static CallCancellation Rent(TimeProvider clock)
    {
        var spare = t_spare;
        if (spare is not null && ReferenceEquals(spare._clock, clock))
        {
            t_spare = null;
            return spare;
        }

        return new CallCancellation(clock, null);
    }

    /// <summary>One whose token users see.</summary>
    /// <param name="clock">Clock of the delays.</param>
    /// <param name="callbackFailed">Told what callbacks of the token throw.</param>
    public static CallCancellation Create(TimeProvider clock, Action<Exception> callbackFailed) => new(clock, callbackFailed);

    /// <summary>Cancels when the token does; at most three.</summary>
    public void Link(CancellationToken token)
    {
        if (!token.CanBeCanceled)
        {
            return;
        }

        var registration = token.UnsafeRegister(FireLinked, this);
        switch (_links++)
        {
            case 0:
                _first = registration;
                break;
            case 1:
                _second = registration;
                break;
            case 2:
                _third = registration;
                break;
            default:
                registration.Dispose();
                throw new InvalidOperationException("A call has at most three linked tokens.");
        }
    }

    /// <summary>Cancels after the delay from now, in place of an earlier delay. The first time before the token is given away.</summary>
    public void CancelAfter(TimeSpan delay)
    {
        // The timer counts whole milliseconds: never earlier than asked, so that "expired" is also true by the clock.
        var milliseconds = Math.Ceiling(delay.TotalMilliseconds);
        var due = milliseconds <= 0 ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Math.Min(milliseconds, uint.MaxValue - 2));
        if (IsPooled)
        {
            _source.CancelAfter(due);
        }
        else if (_timer is null)
        {
            _timer = _clock.CreateTimer(FireDue, this, due, Timeout.InfiniteTimeSpan);
        }
        else
        {
            _timer.Change(due, Timeout.InfiniteTimeSpan);
        }
    }

    public void Cancel()
    {
        try
        {
            _source.Cancel();
        }
        catch (AggregateException e) when (!IsPooled)
        {
            _callbackFailed!(e);
        }
        catch (ObjectDisposedException) when (!IsPooled)
        {
            // The timer fired while the call ended.
        }
    }

    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
        _third.Dispose();
        _first = _second = _third = default;
        _links = 0;
        _timer?.Dispose();
        if (IsPooled && _source.TryReset())
        {
            t_spare = this;
        }
        else
        {
            _source.Dispose();
        }
    }
}
