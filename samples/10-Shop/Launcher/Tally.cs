using System.Collections.Concurrent;
using Shop.Contracts;

namespace Shop.Launcher;

/// <summary>What came of the orders. Thread-safe.</summary>
internal sealed class Tally
{
    /// <summary>Of so many PlaceOrder calls, the last ones, the times are kept.</summary>
    private const int MaxTimes = 20_000;

    private readonly Lock _lock = new();
    private readonly Queue<double> _times = new();
    private readonly ConcurrentDictionary<string, int> _pricedBy = new();
    private int _placed;
    private int _failed;
    private int _resent;

    /// <summary>Orders with a receipt.</summary>
    public int Placed => Volatile.Read(ref _placed);

    /// <summary>Orders without one, or with two that differ.</summary>
    public int Failed => Volatile.Read(ref _failed);

    /// <summary>Orders that were sent twice at once.</summary>
    public int Resent => Volatile.Read(ref _resent);

    /// <summary>Orders by the instance of pricing that calculated them.</summary>
    public SortedDictionary<string, int> PricedBy => new(_pricedBy, StringComparer.Ordinal);

    public void Succeeded(Receipt receipt)
    {
        Interlocked.Increment(ref _placed);
        _pricedBy.AddOrUpdate(receipt.PricedBy, 1, static (_, count) => count + 1);
    }

    public void HasFailed() => Interlocked.Increment(ref _failed);

    public void WasResent() => Interlocked.Increment(ref _resent);

    /// <summary>A PlaceOrder call took so long.</summary>
    public void Took(TimeSpan time)
    {
        lock (_lock)
        {
            _times.Enqueue(time.TotalMilliseconds);
            if (_times.Count > MaxTimes)
            {
                _times.Dequeue();
            }
        }
    }

    /// <summary>Median and 99th percentile of the times, in milliseconds, by nearest rank; zero when there is none.</summary>
    public (double P50, double P99) Percentiles()
    {
        double[] times;
        lock (_lock)
        {
            times = [.. _times];
        }

        Array.Sort(times);
        return times.Length == 0 ? (0, 0) : (At(0.50), At(0.99));

        double At(double share) => Math.Round(times[(int)Math.Ceiling(share * times.Length) - 1], 2);
    }
}
