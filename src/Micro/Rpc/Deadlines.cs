namespace Micro.Rpc;

/// <summary>From a time that is left to the moment it is over.</summary>
internal static class Deadlines
{
    /// <summary>No deadline.</summary>
    public const long None = long.MaxValue;

    /// <summary>The timestamp of the clock at which the time is over; <see cref="None"/> where that is further away than a clock counts.</summary>
    public static long After(TimeProvider clock, TimeSpan time)
    {
        var now = clock.GetTimestamp();
        var ticks = time.TotalSeconds * clock.TimestampFrequency;
        return ticks >= long.MaxValue - now ? None : now + (long)ticks;
    }
}
