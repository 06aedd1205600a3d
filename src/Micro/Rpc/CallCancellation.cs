namespace Micro.Rpc;

/// <summary>
/// The one token of a call: fires by the deadline (or idleness), by the caller's token, or by an outer call's. On a client it is pooled, because a timer and a
/// source for each call would be most of what a call allocates; on a server it is not, because handlers may keep their token longer than the call.
/// Use: <see cref="Rent"/> or <see cref="Create"/>, <see cref="Link"/>, <see cref="CancelAfter"/>, <see cref="Dispose"/> after the last use of the token.
/// </summary>
internal sealed class CallCancellation : IDisposable
{
    private static readonly Action<object?> Fire = static state => ((CallCancellation)state!)._source.Cancel();

    [ThreadStatic]
    private static CallCancellation? t_spare;

    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _source;
    private readonly bool _pooled;
    private CancellationTokenRegistration _first;
    private CancellationTokenRegistration _second;
    private CancellationTokenRegistration _third;
    private int _links;

    private CallCancellation(TimeProvider clock, bool pooled)
    {
        _clock = clock;
        _pooled = pooled;

        // With the system's clock the source makes its timer when the first delay is set; another clock has to be given at once, with a delay
        // that every use replaces.
        _source = ReferenceEquals(clock, TimeProvider.System) ? new() : new(TimeSpan.FromDays(30), clock);
    }

    public CancellationToken Token => _source.Token;

    public static CallCancellation Rent(TimeProvider clock)
    {
        var spare = t_spare;
        if (spare is not null && ReferenceEquals(spare._clock, clock))
        {
            t_spare = null;
            return spare;
        }

        return new CallCancellation(clock, pooled: true);
    }

    public static CallCancellation Create(TimeProvider clock) => new(clock, pooled: false);

    /// <summary>Cancels when the token does; at most three.</summary>
    public void Link(CancellationToken token)
    {
        if (!token.CanBeCanceled)
        {
            return;
        }

        var registration = token.UnsafeRegister(Fire, this);
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

    /// <summary>Cancels after the delay from now, in place of an earlier delay.</summary>
    public void CancelAfter(TimeSpan delay)
    {
        // The timer counts whole milliseconds: never earlier than asked, so that "expired" is also true by the clock.
        var milliseconds = Math.Ceiling(delay.TotalMilliseconds);
        _source.CancelAfter(milliseconds <= 0 ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Math.Min(milliseconds, uint.MaxValue - 2)));
    }

    public void Cancel() => _source.Cancel();

    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
        _third.Dispose();
        _first = _second = _third = default;
        _links = 0;
        if (_pooled && _source.TryReset())
        {
            t_spare = this;
        }
        else
        {
            _source.Dispose();
        }
    }
}
