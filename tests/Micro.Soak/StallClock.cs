using System.Diagnostics;
using System.Globalization;

namespace Micro.Soak;

/// <summary>
/// The lateness that a bound has to be excused: what a <see cref="StallMeter"/> on the thread pool, where calls run too, was woken late, what another process says
/// the same of itself, or, where that is more, how long some thread of the machine wanted a processor and had none (pressure stall information of Linux), of
/// which at most a second counts. Thread-safe.
/// </summary>
internal sealed class StallClock : IAsyncDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);

    private const long MostWaited = 1000;
    private const string Pressure = "/proc/pressure/cpu";

    private readonly Lock _gate = new();
    private readonly StallMeter _meter = new();
    private readonly Queue<(long At, long Late)> _others = new();
    private readonly Queue<(long At, long Waited)> _waits = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Action<long>? _report;
    private readonly Func<long>? _other;
    private readonly Task _loop;
    private long _otherTotal;

    /// <param name="report">Told the total, ms, at each tick.</param>
    /// <param name="other">The total of another process, ms.</param>
    public StallClock(Action<long>? report = null, Func<long>? other = null)
    {
        _report = report;
        _other = other;
        _loop = RunAsync();
    }

    /// <summary>All lateness so far, ms.</summary>
    public long Total
    {
        get
        {
            lock (_gate)
            {
                return _meter.Total + _otherTotal;
            }
        }
    }

    /// <summary>Lateness between two timestamps of <see cref="Stopwatch"/>.</summary>
    public TimeSpan Between(long start, long end)
    {
        lock (_gate)
        {
            var (from, to) = (Millis(start), Millis(end));
            var late = _meter.Between(from, to) + _others.Where(stall => stall.At >= from && stall.At - stall.Late <= to).Sum(stall => stall.Late);
            var before = _waits.LastOrDefault(wait => wait.At <= from, _waits.FirstOrDefault()).Waited;
            var after = _waits.FirstOrDefault(wait => wait.At >= to, (At: to, Waited: Waited())).Waited;
            return TimeSpan.FromMilliseconds(Math.Max(late, Math.Min(MostWaited, after - before)));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    /// <summary>Total time in which some thread waited for a processor, ms; 0 where the kernel does not tell.</summary>
    private static long Waited()
    {
        if (!File.Exists(Pressure))
        {
            return 0;
        }

        var text = File.ReadAllText(Pressure);
        var at = text.IndexOf("total=", StringComparison.Ordinal) + 6;
        return long.Parse(text.AsSpan(at, text.IndexOf('\n') - at), CultureInfo.InvariantCulture) / 1000;
    }

    private static long Millis(long timestamp) => timestamp * 1000 / Stopwatch.Frequency;

    private async Task RunAsync()
    {
        while (true)
        {
            await Task.Delay(Tick, _stop.Token);
            lock (_gate)
            {
                var now = Millis(Stopwatch.GetTimestamp());
                _meter.Woken(Tick, now);
                _report?.Invoke(_meter.Total);
                var total = _other?.Invoke() ?? 0;
                if (total > _otherTotal)
                {
                    _others.Enqueue((now, total - _otherTotal));
                    _otherTotal = total;
                }

                _waits.Enqueue((now, Waited()));
                while (_waits.TryPeek(out var earliest) && earliest.At < now - 20_000)
                {
                    _waits.Dequeue();
                }

                while (_others.TryPeek(out var oldest) && oldest.At < now - 20_000)
                {
                    _others.Dequeue();
                }
            }
        }
    }
}
