using System.Diagnostics;

namespace Shop.Launcher;

/// <summary>How it is going, in one line, written again and again.</summary>
internal sealed class StatusLine(ShopFloor floor, Tally tally, Screen screen, int orders)
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(2);

    private readonly Queue<(long At, long Calls)> _seen = new();

    /// <summary>Calls served by all processes so far.</summary>
    public long Calls => floor.Processes.Sum(process => process.Calls);

    public async Task RunAsync(CancellationToken stopping)
    {
        _seen.Enqueue((Stopwatch.GetTimestamp(), Calls));

        // A terminal shows one line that changes, a file would show every one of them.
        using var timer = new PeriodicTimer(screen.IsTerminal ? TimeSpan.FromMilliseconds(500) : TimeSpan.FromSeconds(2));
        try
        {
            while (await timer.WaitForNextTickAsync(stopping))
            {
                screen.Status(Text());
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            screen.Status("");
        }
    }

    private string Text()
    {
        var (p50, p99) = tally.Percentiles();
        var placed = tally.Placed <= orders ? $"{tally.Placed}/{orders}" : $"{tally.Placed}";
        var failed = tally.Failed == 0 ? "" : $" · {tally.Failed} FAILED";
        return $" {placed} orders{failed} · {CallsPerSecond():0} calls/s · PlaceOrder p50 {p50:0.0} ms, p99 {p99:0.0} ms"
            + string.Concat(tally.PricedBy.Select(pair => $" · {pair.Key} {pair.Value}"));
    }

    private double CallsPerSecond()
    {
        _seen.Enqueue((Stopwatch.GetTimestamp(), Calls));
        while (_seen.Count > 2 && Stopwatch.GetElapsedTime(_seen.ElementAt(1).At) >= Window)
        {
            _seen.Dequeue();
        }

        var (first, last) = (_seen.Peek(), _seen.Last());
        return _seen.Count < 2 ? 0 : (last.Calls - first.Calls) / Stopwatch.GetElapsedTime(first.At, last.At).TotalSeconds;
    }
}
