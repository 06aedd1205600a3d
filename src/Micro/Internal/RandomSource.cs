using Micro.LoadBalancing;

namespace Micro.Internal;

/// <summary>
/// The randomness of a process part: splitmix64 over a shared counter. Thread-safe with one interlocked add, and with a given seed the same
/// sequence again (as far as threads take turns the same way). Not for secrets.
/// </summary>
internal sealed class RandomSource(ulong seed)
{
    private ulong _state = seed;

    /// <summary>Seeded by the operating system.</summary>
    public static RandomSource Create()
    {
        Span<byte> bytes = stackalloc byte[8];
        System.Security.Cryptography.RandomNumberGenerator.Fill(bytes);
        return new RandomSource(BitConverter.ToUInt64(bytes));
    }

    public ulong Next() => InstanceState.Mix(Interlocked.Add(ref _state, 0x9e3779b97f4a7c15UL));

    /// <summary>Uniform in [0, 1).</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>The value changed by up to the fraction either way, e.g. 0.2 for ±20 %.</summary>
    public TimeSpan Jitter(TimeSpan value, double fraction) => value * (1 + ((NextDouble() * 2) - 1) * fraction);
}
