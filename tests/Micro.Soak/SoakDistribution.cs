namespace Micro.Soak;

/// <summary>Durations in buckets of 0.1 ms up to 10 s, so that a long run needs no more room than a short one. Thread-safe.</summary>
internal sealed class SoakDistribution
{
    private readonly long[] _buckets = new long[100_001];
    private long _count;

    public long Count => Volatile.Read(ref _count);

    public void Add(TimeSpan value)
    {
        Interlocked.Increment(ref _buckets[(int)Math.Clamp(value.TotalMilliseconds * 10, 0, _buckets.Length - 1)]);
        Interlocked.Increment(ref _count);
    }

    /// <summary>Upper bound of a share of all values, ms.</summary>
    public double Percentile(double share)
    {
        var left = (long)Math.Ceiling(share * Count);
        for (var i = 0; i < _buckets.Length; i++)
        {
            left -= Volatile.Read(ref _buckets[i]);
            if (left <= 0)
            {
                return (i + 1) / 10.0;
            }
        }

        return _buckets.Length / 10.0;
    }

    public object Summary => new { count = Count, p50 = Percentile(0.5), p99 = Percentile(0.99), worst = Percentile(1) };
}
