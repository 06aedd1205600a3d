using System.Diagnostics;

namespace Micro.Sqlite.Engine;

/// <summary>
/// A thread for blocking work on a file, so that neither callers nor the thread pool wait for it, and a busy pool does not delay heartbeats. It runs
/// the work when woken and when the time the work asked for is over; any number of wakes during a run makes one more run.
/// </summary>
internal sealed class WorkThread : IAsyncDisposable
{
    private static readonly TimeSpan LongestRest = TimeSpan.FromMilliseconds(200);

    private readonly object _gate = new();
    private readonly Func<TimeSpan> _work;
    private readonly TimeSpan _rest;
    private readonly ManualResetEventSlim _stopping = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _name;
    private Thread? _thread;
    private TimeSpan _next = Timeout.InfiniteTimeSpan;
    private bool _woken;
    private bool _stopped;

    /// <param name="name">Shown by debuggers.</param>
    /// <param name="work">Returns the time until it wants to run again; infinite: only when woken. It must not throw.</param>
    /// <param name="rest">Least pause between two runs, which gathers bursts of wakes.</param>
    public WorkThread(string name, Func<TimeSpan> work, TimeSpan rest)
    {
        _name = name;
        _work = work;
        _rest = rest;
    }

    /// <summary>Lets the work run soon; starts the thread at the first call. Does nothing after the end.</summary>
    public void Wake()
    {
        lock (_gate)
        {
            if (_stopped)
            {
                return;
            }

            _woken = true;
            if (_thread is null)
            {
                _thread = new Thread(Run) { IsBackground = true, Name = _name };
                _thread.Start();
            }

            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Ends the thread after the run it is in.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _stopped = true;
            _stopping.Set();
            Monitor.Pulse(_gate);
            if (_thread is null)
            {
                return;
            }
        }

        await _ended.Task;
    }

    private void Run()
    {
        try
        {
            while (WaitForWork())
            {
                var started = Stopwatch.GetTimestamp();
                SetNext(_work());
                _stopping.Wait(Rest(Stopwatch.GetElapsedTime(started)));
            }
        }
        finally
        {
            _ended.TrySetResult();
        }
    }

    private bool WaitForWork()
    {
        lock (_gate)
        {
            if (!_woken && !_stopped)
            {
                Monitor.Wait(_gate, _next);
            }

            _woken = false;
            return !_stopped;
        }
    }

    // Work that takes long is done less often, so that it never takes more than about a third of a core.
    private TimeSpan Rest(TimeSpan run) => TimeSpan.FromTicks(Math.Max(_rest.Ticks, Math.Min(2 * run.Ticks, LongestRest.Ticks)));

    // Clamped: a zero would spin, and a wait of more than a day helps nobody.
    private void SetNext(TimeSpan next) =>
        _next = next == Timeout.InfiniteTimeSpan ? next : TimeSpan.FromTicks(Math.Clamp(next.Ticks, TimeSpan.TicksPerMillisecond, TimeSpan.TicksPerDay));
}
