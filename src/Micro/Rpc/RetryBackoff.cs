using Micro.Internal;

namespace Micro.Rpc;

/// <summary>
/// How long to wait before a retry (LB-6): the first delay, then 1.6 times as long each time, up to 1 s, ±20 %. Immutable but for the random source; thread-safe.
/// Source: gRFC A6, and the jitter of gRPC's connection backoff.
/// </summary>
/// <param name="first">Delay before the first retry; zero retries at once, always.</param>
/// <param name="random">For the jitter.</param>
internal sealed class RetryBackoff(TimeSpan first, RandomSource random)
{
    /// <summary>Longest delay, before jitter; a longer first delay stands.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    private const double Growth = 1.6;
    private const double Jitter = 0.2;

    /// <summary>
    /// The delay before a retry.
    /// </summary>
    /// <param name="retry">1 for the first retry of a call.</param>
    /// <param name="notProcessed">The attempt provably reached no handler and there is another instance: then the first retry need not wait.</param>
    /// <param name="pushback">
    /// What the server asked for, which is obeyed to the letter and goes before everything else. A negative one means not to retry and is the caller's to see.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">The retry is below 1, or the pushback is negative.</exception>
    public TimeSpan Delay(int retry, bool notProcessed, TimeSpan? pushback)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(retry, 1);
        if (pushback is { } asked)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(asked, TimeSpan.Zero, nameof(pushback));
            return asked;
        }

        if (notProcessed && retry == 1)
        {
            return TimeSpan.Zero;
        }

        var longest = first > Longest ? first : Longest;
        var grown = first * Math.Pow(Growth, Math.Min(retry - 1, 30));
        return random.Jitter(grown < longest ? grown : longest, Jitter);
    }
}
