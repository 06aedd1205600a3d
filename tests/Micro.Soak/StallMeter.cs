using System.Diagnostics;

namespace Micro.Soak;

/// <summary>
/// Measures how late this process itself is woken. On an overloaded machine everybody is late, and a bound can only be checked to the accuracy
/// of the one who checks it.
/// </summary>
internal sealed class StallMeter
{
    private readonly Queue<(long At, long Late)> _stalls = new();
    private long _last = Stopwatch.GetTimestamp();

    /// <summary>All lateness so far, ms.</summary>
    public long Total { get; private set; }

    /// <summary>Notes a wake that was meant to come after the given time.</summary>
    public void Woken(TimeSpan planned, long now)
    {
        var late = (long)(Stopwatch.GetElapsedTime(_last) - planned).TotalMilliseconds;
        _last = Stopwatch.GetTimestamp();
        if (late > 5)
        {
            Total += late;
            _stalls.Enqueue((now, late));
        }

        while (_stalls.TryPeek(out var oldest) && oldest.At < now - 20_000)
        {
            _stalls.Dequeue();
        }
    }

    /// <summary>Lateness since a time, ms.</summary>
    public long Since(long time) => Between(time, long.MaxValue);

    /// <summary>Lateness that began before an end and ended after a start, ms.</summary>
    public long Between(long start, long end) => _stalls.Where(stall => stall.At >= start && stall.At - stall.Late <= end).Sum(stall => stall.Late);
}
