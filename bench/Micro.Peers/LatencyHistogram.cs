namespace Micro.Peers;

/// <summary>Counts of latencies in buckets that grow by 1/32: made before the round, so that measuring allocates nothing.</summary>
internal sealed class LatencyHistogram
{
    private const int Sub = 32;
    private readonly long[] _counts = new long[64 * Sub];

    public void Record(long ticks) => _counts[Bucket(ticks)]++;

    public void Add(LatencyHistogram other)
    {
        for (var i = 0; i < _counts.Length; i++)
        {
            _counts[i] += other._counts[i];
        }
    }

    public void Clear() => Array.Clear(_counts);

    public double Microseconds(double quantile, long frequency)
    {
        var wanted = (long)Math.Ceiling(_counts.Sum() * quantile);
        long seen = 0;
        for (var i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen >= wanted && seen > 0)
            {
                return Value(i) * 1e6 / frequency;
            }
        }

        return 0;
    }

    private static int Bucket(long ticks)
    {
        if (ticks < Sub)
        {
            return (int)Math.Max(0, ticks);
        }

        var exponent = 63 - System.Numerics.BitOperations.LeadingZeroCount((ulong)ticks);
        return ((exponent - 4) * Sub) + (int)((ticks >> (exponent - 5)) & (Sub - 1));
    }

    private static double Value(int bucket)
    {
        if (bucket < Sub)
        {
            return bucket;
        }

        var exponent = (bucket / Sub) + 4;
        return (1L << exponent) + ((bucket % Sub) + 0.5) * (1L << (exponent - 5));
    }
}
