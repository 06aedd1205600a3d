namespace Micro.LoadBalancing;

/// <summary>
/// What <see cref="InstanceSet"/> has learnt of one instance. Written under the set's lock; <see cref="IsClear"/>, <see cref="Phase"/> and
/// <see cref="IsForgiven"/> may be read without it. All times are timestamps of the set's clock.
/// </summary>
internal struct InstanceHealth
{
    private volatile InstancePhase _phase;
    private volatile bool _blemished;
    private int _failures;
    private long _forgivenAt;
    private long _length;

    /// <summary>True when nothing at all speaks against the instance: one volatile read, which is all that a successful call costs.</summary>
    public readonly bool IsClear => !_blemished;

    public readonly InstancePhase Phase => _phase;

    /// <summary>Failed calls in a row.</summary>
    public readonly int Failures => _failures;

    /// <summary>Whether the instance is in the set; reports on others come too late to matter.</summary>
    public bool IsMember { get; set; }

    /// <summary>Times it was ejected without having been good for long enough in between.</summary>
    public int Streak { get; private set; }

    /// <summary>When the phase ends by itself; only while ejected or probing.</summary>
    public long Until { get; private set; }

    /// <summary>Whether it is out because calls failed, not because it could not be reached.</summary>
    public bool OutByFailure { get; private set; }

    /// <summary>Whether the instance, serving again, has been good for as long as it was last out.</summary>
    public readonly bool IsForgiven(long now) => now >= Volatile.Read(in _forgivenAt);

    /// <summary>Counts a failed call and returns how many there were in a row.</summary>
    public int CountFailure()
    {
        _blemished = true;
        return ++_failures;
    }

    /// <summary>Out from now on for a length of time.</summary>
    public void Eject(bool byFailure, long now, long length)
    {
        _blemished = true;
        _failures = 0;
        _length = length;
        Streak++;
        OutByFailure = byFailure;
        Until = now + length;
        _phase = InstancePhase.Ejected;
    }

    /// <summary>Back among the candidates, for one call.</summary>
    public void Offer() => _phase = InstancePhase.Returning;

    /// <summary>That call has begun.</summary>
    public void Probe(long until)
    {
        Until = until;
        _phase = InstancePhase.Probing;
    }

    /// <summary>Back in service. The next time out is still longer, unless the instance is good for as long as it was out.</summary>
    public void Return(long now)
    {
        _failures = 0;
        OutByFailure = false;
        Volatile.Write(ref _forgivenAt, now + _length);
        _phase = InstancePhase.Serving;
    }

    /// <summary>A call succeeded while in service.</summary>
    public void Absolve(long now)
    {
        _failures = 0;
        if (IsForgiven(now))
        {
            Streak = 0;
            _blemished = false;
        }
    }
}
