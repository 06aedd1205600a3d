namespace Micro.Sqlite.Tests.Discovery;

/// <summary>The real clocks, but the wall clock can be set.</summary>
internal sealed class ShiftedTimeProvider : TimeProvider
{
    private long _shift;

    public void Set(TimeSpan shift) => Volatile.Write(ref _shift, shift.Ticks);

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Volatile.Read(ref _shift));
}
