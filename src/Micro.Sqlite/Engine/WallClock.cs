namespace Micro.Sqlite.Engine;

/// <summary>
/// The wall clock that the processes of a machine share, watched by the monotonic one: when someone sets it, or the machine slept, all expiries in
/// the file are wrong until their owners have written them again. Belongs to one thread.
/// </summary>
internal sealed class WallClock(TimeProvider time)
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(1);

    private long _monotonic = time.GetTimestamp();
    private DateTimeOffset _wall = time.GetUtcNow();

    /// <summary>Milliseconds since 1970, UTC.</summary>
    public long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>True when the wall clock went another way than the monotonic one, by more than a second, since the last call.</summary>
    public bool HasJumped()
    {
        var wall = time.GetUtcNow();
        var monotonic = time.GetTimestamp();
        var drift = wall - _wall - time.GetElapsedTime(_monotonic, monotonic);
        _wall = wall;
        _monotonic = monotonic;
        return drift.Duration() > Tolerance;
    }
}
