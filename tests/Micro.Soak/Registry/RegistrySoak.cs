using System.Diagnostics;
using System.Text.Json;
using Micro.Discovery;
using Microsoft.Extensions.DependencyInjection;

namespace Micro.Soak.Registry;

/// <summary>
/// Starts, stops, kills, freezes and replaces node processes on one home at random for some time, while two watchers check what they see (REG-1, REG-2, REG-3).
/// Options: <c>--seconds</c>, <c>--seed</c>, <c>--nodes</c>, <c>--heartbeat</c> and <c>--ttl</c> in ms, <c>--history FILE</c>.
/// </summary>
internal sealed class RegistrySoak
{
    public const int Watchers = 2;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);

    private readonly string _home = Directory.CreateTempSubdirectory("micro-soak-").FullName;
    private readonly Dictionary<string, NodeLife> _running = [];
    private readonly List<Task> _pending = [];
    private readonly Lock _gate = new();
    private readonly StallMeter _stalls = new();
    private readonly SoakArguments _arguments;
    private readonly SoakHistory _history;
    private readonly RegistryChecker _checker;
    private readonly Random _random;
    private readonly int _ttl;
    private int _port = 10_000;
    private int _attempted;

    private RegistrySoak(SoakArguments arguments, int seed, SoakHistory history)
    {
        _arguments = arguments;
        _history = history;
        _random = new Random(seed);
        _ttl = arguments.Number("ttl", 6000);
        _checker = new RegistryChecker(history, _stalls);
    }

    public static async Task<int> RunAsync(SoakArguments arguments)
    {
        var seed = arguments.Number("seed", Environment.TickCount & 0xffffff);
        var seconds = arguments.Number("seconds", 60);
        using var history = new SoakHistory(arguments.Text("history", Path.Combine(Path.GetTempPath(), $"micro-soak-registry-{seed}.jsonl")));
        Console.WriteLine($"seed {seed}, {seconds} s, history {history.Path}");
        var soak = new RegistrySoak(arguments, seed, history);
        await soak.RunAsync(TimeSpan.FromSeconds(seconds));
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            soak = "registry",
            seed,
            seconds,
            attempted = soak._attempted,
            checks = soak._checker.Checks,
            violations = soak._checker.Violations,
            worst = soak._checker.Worst,
            stalled_ms = soak._stalls.Total,
            history = history.Path,
        }));
        return soak._checker.Violations == 0 ? 0 : 1;
    }

    private async Task RunAsync(TimeSpan duration)
    {
        using var stop = new CancellationTokenSource();
        var watchers = Enumerable.Range(0, Watchers).Select(watcher => WatchAsync(watcher, stop.Token)).ToArray();
        Start("anchor"); // lives throughout: nothing may ever hide it
        var began = Stopwatch.GetTimestamp();
        var nextAction = TimeSpan.Zero;
        while (Stopwatch.GetElapsedTime(began) is var elapsed && elapsed < duration + TimeSpan.FromMilliseconds(_ttl + 2000))
        {
            // The last seconds change nothing, so that the last endings are checked as well.
            if (elapsed < duration && elapsed >= nextAction)
            {
                Act();
                nextAction = elapsed + TimeSpan.FromMilliseconds(_random.Next(50, 800));
            }

            await Task.Delay(Tick);
            var now = SoakHistory.Now;
            _stalls.Woken(Tick, now);
            _checker.Check(now);
        }

        await Task.WhenAll(_pending);
        await stop.CancelAsync();
        await Task.WhenAll(watchers);
        foreach (var life in _running.Values)
        {
            life.Process.Dispose();
        }

        Directory.Delete(_home, recursive: true);
    }

    private async Task WatchAsync(int watcher, CancellationToken cancellationToken)
    {
        await using var services = RegistryNode.Services(_home, _arguments.Number("heartbeat", 2000), _ttl);
        try
        {
            await foreach (var snapshot in services.GetRequiredService<IServiceResolver>().WatchAsync("soak", cancellationToken))
            {
                _checker.See(watcher, snapshot);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The end of the run.
        }
    }

    private void Act()
    {
        var id = $"n{_random.Next(_arguments.Number("nodes", 5))}";
        var dice = _random.Next(10);
        NodeLife? life;
        lock (_gate)
        {
            _running.TryGetValue(id, out life);
        }

        _pending.RemoveAll(task => task.IsCompletedSuccessfully);
        if (life is null)
        {
            Start(id);
        }
        else if (life.Registered != 0 && life.Ended == 0)
        {
            _attempted++;
            switch (dice)
            {
                case < 4:
                    Kill(life);
                    break;
                case < 7:
                    _pending.Add(StopAsync(life));
                    break;
                case < 9:
                    // A successor with the same id, before the registry knows of the death.
                    Kill(life);
                    Start(id);
                    break;
                default:
                    _pending.Add(FreezeAsync(life));
                    break;
            }
        }
    }

    private void Start(string id)
    {
        _attempted++;
        var port = ++_port;
        var process = NodeProcess.Start(
            Environment.ProcessPath!,
            "--home", _home, "--id", id, "--port", $"{port}", "--heartbeat", $"{_arguments.Number("heartbeat", 2000)}", "--ttl", $"{_ttl}");
        var life = new NodeLife(id, port, process);
        _checker.Add(life);
        lock (_gate)
        {
            _running[id] = life;
        }

        _pending.Add(RegisteredAsync(life));
    }

    private async Task RegisteredAsync(NodeLife life)
    {
        var start = SoakHistory.Now;
        var registered = await life.Process.Registered;
        _checker.Note(life, one => one.Registered = registered);
        _history.Add("register", Name(life), start, registered, "ok");
    }

    private void Kill(NodeLife life)
    {
        var start = SoakHistory.Now;
        life.Process.Kill();
        End(life, "killed", _ttl);
        _history.Add("kill", Name(life), start, SoakHistory.Now, "ok");
        life.Process.Dispose();
    }

    private async Task StopAsync(NodeLife life)
    {
        var start = SoakHistory.Now;
        _checker.Note(life, one => (one.Ended, one.Ending) = (start, "stopped"));
        var stopped = await life.Process.StopAsync();
        _checker.Note(life, one => one.Ended = stopped);
        End(life, "stopped", 0);
        _history.Add("stop", Name(life), start, stopped, "ok");
        life.Process.Dispose();
    }

    // Longer than its time to live, then it wakes and has to return by itself.
    private async Task FreezeAsync(NodeLife life)
    {
        var start = SoakHistory.Now;
        life.Process.Freeze();
        _checker.Note(life, one => (one.Ended, one.GoneBy, one.Ending) = (SoakHistory.Now, SoakHistory.Now + _ttl + 1000, "frozen"));
        await Task.Delay(_ttl + 1500);
        _checker.Note(life, one => (one.GoneBy, one.Gone[0], one.Gone[1]) = (long.MaxValue, 0, 0));
        life.Process.Thaw();
        _checker.Note(life, one => (one.Registered, one.Ended) = (SoakHistory.Now, 0));
        _history.Add("freeze", Name(life), start, SoakHistory.Now, "ok");
    }

    private void End(NodeLife life, string ending, int ttl)
    {
        _checker.Note(life, one =>
        {
            one.Ended = ending == "stopped" ? one.Ended : SoakHistory.Now;
            one.GoneBy = one.Ended + ttl + 1000;
            one.Ending = ending;
        });
        lock (_gate)
        {
            _running.Remove(life.Id);
        }
    }

    private static string Name(NodeLife life) => $"{life.Id}:{life.Port}";
}
