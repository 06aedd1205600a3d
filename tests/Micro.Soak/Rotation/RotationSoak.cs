using System.Diagnostics;
using System.Text.Json;
using Micro.Security;
using Microsoft.Extensions.DependencyInjection;

namespace Micro.Soak.Rotation;

/// <summary>
/// Processes on one home whose leaves live for two seconds, under calls of every kind over grpc and http. Meanwhile the bundle is broken and mended, the root is
/// followed by a new one, and an identity is revoked and restored. No call of the others may fail. Options: <c>--seconds</c>, <c>--seed</c>, <c>--rate</c> of calls a
/// second, <c>--history FILE</c>.
/// </summary>
internal sealed class RotationSoak
{
    private const int RevokedLimitMs = 1000;
    private const int RestoredLimitMs = 2000;

    private readonly string _folder = Directory.CreateTempSubdirectory("micro-soak-").FullName;
    private readonly string _home;
    private readonly StallClock _stalls = new();
    private readonly SoakDistribution _latency = new();
    private readonly List<SoakProcess> _nodes = [];
    private readonly List<Task> _calls = [];
    private readonly RotationCaller[] _callers;
    private readonly RotationCaller[] _outcasts;
    private readonly LocalAuthority _authority;
    private readonly SoakHistory _history;
    private readonly SoakChecks _checks;
    private readonly Random _random;
    private readonly int _rate;

    private RotationSoak(SoakArguments arguments, int seed, SoakHistory history)
    {
        _home = Path.Combine(_folder, "home");
        _random = new Random(seed);
        _rate = arguments.Number("rate", 300);
        _history = history;
        _checks = new SoakChecks(history);
        _callers = [new("teller", "grpc", _home), new("clerk", "http", _home)];
        _outcasts = [new("outcast", "grpc", _home), new("outcast", "http", _home)];
        _authority = _callers[0].Services.GetRequiredService<LocalAuthority>();
    }

    private IEnumerable<RotationCaller> Everybody => _callers.Concat(_outcasts);

    public static async Task<int> RunAsync(SoakArguments arguments)
    {
        var seed = arguments.Number("seed", Environment.TickCount & 0xffffff);
        var seconds = arguments.Number("seconds", 60);
        using var history = new SoakHistory(arguments.Text("history", Path.Combine(Path.GetTempPath(), $"micro-soak-rotation-{seed}.jsonl")));
        Console.WriteLine($"seed {seed}, {seconds} s, history {history.Path}");
        var soak = new RotationSoak(arguments, seed, history);
        try
        {
            await soak.RunAsync(TimeSpan.FromSeconds(seconds));
        }
        finally
        {
            await soak.CleanAsync();
        }

        Console.WriteLine(JsonSerializer.Serialize(new
        {
            soak = "rotation",
            seed,
            seconds,
            attempted = soak._checks.CountOf("attempted"),
            violations = soak._checks.Violations,
            kinds = soak._checks.Kinds,
            did = soak._checks.Counts,
            ok_ms = soak._latency.Summary,
            worst = soak._checks.Worst,
            bounds_ms = new { refused = RevokedLimitMs, stream_ended = RevokedLimitMs, restored = RestoredLimitMs },
            stalled_ms = soak._stalls.Total,
            discounted = "bounds in ms, from before the bundle is written, are excused by what the callers were woken late in that time, or by how long some thread waited for a processor then (at most 1 s)",
            history = history.Path,
        }));
        return soak._checks.Violations == 0 ? 0 : 1;
    }

    private async Task RunAsync(TimeSpan duration)
    {
        await Task.WhenAll(Everybody.Select(caller => caller.StartAsync()));
        for (var i = 0; i < 2; i++)
        {
            var node = SoakProcess.Start([], "rotation-node", "--home", _home);
            _nodes.Add(node);
            await node.WaitForAsync("ready");
        }

        foreach (var caller in Everybody)
        {
            await UntilAsync(async () => await caller.CallAsync(isIdempotent: false, millis: 0) is null, TimeSpan.FromSeconds(20), $"first call of {caller.Name}");
        }

        using var stop = new CancellationTokenSource();
        var calling = CallAsync(stop.Token);
        var rounds = Math.Max(1, (int)(duration.TotalSeconds / 10));
        var began = Stopwatch.GetTimestamp();
        for (var round = 0; round < rounds; round++)
        {
            await RoundAsync(rolls: round == rounds / 2);
            await Task.Delay(Later(duration * (round + 1) / rounds, Stopwatch.GetElapsedTime(began)));
        }

        await stop.CancelAsync();
        await calling;
        await Task.WhenAll(_calls);
        await CountLeavesAsync();
    }

    private async Task CleanAsync()
    {
        foreach (var caller in Everybody)
        {
            await caller.DisposeAsync();
        }

        _nodes.ForEach(node => node.Dispose());
        await _stalls.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task RoundAsync(bool rolls)
    {
        await Task.Delay(_random.Next(200, 700));
        var roll = rolls ? RollAsync() : Task.CompletedTask;
        await (rolls ? roll : BreakBundleAsync());
        if (rolls)
        {
            await BreakBundleAsync();
        }

        await RevokeAsync();
    }

    /// <summary>A new root; in the end everybody's leaf is of it.</summary>
    private async Task RollAsync()
    {
        var start = SoakHistory.Now;
        await _authority.RollAsync(CancellationToken.None);
        _checks.Count("rolls");
        await UntilAsync(
            async () =>
            {
                var issuers = (await StatesAsync()).Select(state => state.Issuer).Distinct().ToList();
                return issuers.Count == 1 && issuers[0] == _authority.State.Roots[^1].Certificate.Subject;
            },
            TimeSpan.FromSeconds(6),
            "leaves of the new root");
        _history.Add("roll", "authority", start, SoakHistory.Now, "all leaves are of the new root");
        _checks.Measure("rolled_ms", SoakHistory.Now - start);
    }

    /// <summary>A bundle that cannot be read, for longer than a leaf stays without being renewed. Each process tells once, by log and metric, and goes on.</summary>
    private async Task BreakBundleAsync()
    {
        var start = SoakHistory.Now;
        var path = Path.Combine(_home, "authority", AuthorityDirectory.BundleName);
        var before = await StatesAsync();
        var good = await File.ReadAllBytesAsync(path);
        Write(path, good[..(good.Length / 2)]);
        try
        {
            await UntilAsync(
                async () => (await StatesAsync()).Zip(before).All(pair => pair.First.Failures > pair.Second.Failures && pair.First.Errors > pair.Second.Errors),
                TimeSpan.FromSeconds(2),
                "error events and failures counted in each process");
            await Task.Delay(_random.Next(800, 1600));
            var during = await StatesAsync();
            if (during.Zip(before).Any(pair => pair.First.Sequence != pair.Second.Sequence || pair.First.Leaves <= pair.Second.Leaves))
            {
                _checks.Violate("ID-10", "with a broken bundle somebody did not keep the last good one, or renewed no leaf");
            }
        }
        finally
        {
            Write(path, good);
        }

        _checks.Count("broken_bundles");
        _history.Add("break", "authority", start, SoakHistory.Now, "mended");
    }

    /// <summary>An identity is withdrawn and restored: its calls are refused and its open streams end in time.</summary>
    private async Task RevokeAsync()
    {
        var identity = ServiceIdentity.Create("micro.local", "default", "outcast");
        var watches = _outcasts.Select(outcast => new RotationOutcast(outcast)).ToList();
        await Task.WhenAll(watches.Select(watch => watch.StartAsync()));
        var (began, start) = (Stopwatch.GetTimestamp(), SoakHistory.Now);
        await _authority.RevokeAsync(identity, CancellationToken.None);
        await Task.Delay(RevokedLimitMs + 700);
        var restored = Stopwatch.GetTimestamp();
        var stalled = _stalls.Between(began, restored).TotalMilliseconds;
        await _authority.RestoreAsync(identity, CancellationToken.None);
        foreach (var watch in watches)
        {
            var (refused, ended) = await watch.EndAsync(began, restored);
            Bound($"refused_{watch.Transport}_ms", refused, RevokedLimitMs, stalled, watch.Refusal);
            Bound($"stream_ended_{watch.Transport}_ms", ended, RevokedLimitMs, stalled, watch.StreamEnd);
            foreach (var (code, count) in watch.Codes)
            {
                _checks.Count($"outcast_{code}", count);
            }
        }

        await Task.WhenAll(_outcasts.Select(outcast => UntilAsync(
            async () => await outcast.CallAsync(isIdempotent: false, millis: 0) is null, TimeSpan.FromMilliseconds(RestoredLimitMs), $"calls of the restored over {outcast.Transport}")));
        _checks.Measure("restored_ms", Stopwatch.GetElapsedTime(restored).TotalMilliseconds);
        _checks.Count("revocations");
        _history.Add("revoke", "outcast", start, SoakHistory.Now, "restored");
    }

    private void Bound(string what, double millis, double limit, double stalled, string how)
    {
        _checks.Measure(what, millis);
        if (millis > limit + stalled)
        {
            _checks.Violate("ID-8", $"{what}: {millis:0} ms, with {stalled:0} ms excused; {how}");
        }
    }

    /// <summary>Starts calls at the rate, whatever becomes of the earlier ones.</summary>
    private async Task CallAsync(CancellationToken stop)
    {
        var random = new Random(_random.Next());
        var began = Stopwatch.GetTimestamp();
        for (var count = 0L; !stop.IsCancellationRequested;)
        {
            await Task.Delay(5, CancellationToken.None);
            for (; count < Stopwatch.GetElapsedTime(began).TotalSeconds * _rate; count++)
            {
                _calls.Add(CallOnceAsync(_callers[random.Next(2)], random.Next(12), random.Next(20)));
            }

            _calls.RemoveAll(call => call.IsCompletedSuccessfully);
        }
    }

    private async Task CallOnceAsync(RotationCaller caller, int kind, int millis)
    {
        var (start, began) = (SoakHistory.Now, Stopwatch.GetTimestamp());
        var what = kind == 0 ? "stream" : kind < 7 ? "once" : "idempotent";
        var failure = kind == 0 ? await caller.TalkAsync(TimeSpan.FromMilliseconds(millis * 50)) : await caller.CallAsync(isIdempotent: kind >= 7, millis);
        _checks.Count("attempted");
        _checks.Count($"{caller.Transport}_{what}");
        if (failure is not null)
        {
            _checks.Violate("ID-7", $"{what} over {caller.Transport}, begun at {start}: {failure}");
        }
        else if (kind > 0)
        {
            _latency.Add(Stopwatch.GetElapsedTime(began) - TimeSpan.FromMilliseconds(millis));
        }
    }

    private async Task<List<RotationState>> StatesAsync()
    {
        var states = new List<RotationState>();
        foreach (var caller in _callers)
        {
            states.Add(await caller.StateAsync());
        }

        foreach (var node in _nodes)
        {
            states.Add(JsonSerializer.Deserialize<RotationState>(await node.AskAsync("state", "state"))!);
        }

        return states;
    }

    private async Task CountLeavesAsync()
    {
        var states = await StatesAsync();
        _checks.Count("renewals_fewest", states.Min(state => state.Leaves));
        _checks.Count("failures_counted", states.Sum(state => state.Failures));
        _checks.Count("errors_logged", states.Sum(state => state.Errors));
    }

    private async Task UntilAsync(Func<Task<bool>> condition, TimeSpan limit, string what)
    {
        var began = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(began) > limit + _stalls.Between(began, Stopwatch.GetTimestamp()))
            {
                _checks.Violate("late", $"not within {limit.TotalSeconds} s: {what}");
                return;
            }

            await Task.Delay(20);
        }
    }

    private static TimeSpan Later(TimeSpan due, TimeSpan now) => due > now ? due - now : TimeSpan.Zero;

    private static void Write(string path, byte[] bytes)
    {
        var temporary = path + ".soak";
        File.WriteAllBytes(temporary, bytes);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(temporary, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        File.Move(temporary, path, overwrite: true);
    }
}
