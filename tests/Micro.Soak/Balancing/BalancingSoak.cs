using System.Diagnostics;
using System.Text.Json;
using Micro.Grpc;
using Micro.Hosting;
using Micro.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Micro.Soak.Balancing;

/// <summary>
/// Calls a service of several processes, found through SQLite, at a steady rate, while they are killed, stopped in order, frozen and cut off at random, and
/// replaced. Two at least are left alone at any time, so that no call that may be repeated has an excuse to fail. Options: <c>--seconds</c>, <c>--seed</c>,
/// <c>--rate</c> of calls a second, <c>--nodes</c>, <c>--history FILE</c>.
/// </summary>
internal sealed class BalancingSoak
{
    /// <summary>Left alone.</summary>
    private const int Anchors = 2;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    private readonly string _folder = Directory.CreateTempSubdirectory("micro-soak-").FullName;
    private readonly StallClock _stalls = new();
    private readonly Lock _gate = new();
    private readonly List<BalancingInstance> _all = [];
    private readonly List<Task> _calls = [];
    private readonly Random _random;
    private readonly SoakHistory _history;
    private readonly SoakChecks _checks;
    private readonly BalancingChecker _checker;
    private readonly SoakNetwork? _network;
    private readonly string _cable;
    private readonly BalancingInstance?[] _slots;
    private readonly int _rate;

    // Two clients: without ejection nothing but the choice of the retry itself keeps calls from where they failed.
    private readonly IHost[] _hosts;
    private readonly ISoak[] _soaks;
    private long _lastId;
    private int _silent;
    private object _evenness = "none";

    private BalancingSoak(SoakArguments arguments, int seed, SoakHistory history)
    {
        _random = new Random(seed);
        _history = history;
        _rate = arguments.Number("rate", 200);
        _slots = new BalancingInstance?[Math.Max(Anchors + 1, arguments.Number("nodes", 5))];
        _checks = new SoakChecks(history);
        _checker = new BalancingChecker(_checks, history, _stalls, Deadline);
        _network = SoakNetwork.TryCreate(out _cable);
        _hosts = [Client(isEjecting: true), Client(isEjecting: false)];
        _soaks = [.. _hosts.Select(host => host.Services.GetRequiredService<ISoak>())];
    }

    public static async Task<int> RunAsync(SoakArguments arguments)
    {
        var seed = arguments.Number("seed", Environment.TickCount & 0xffffff);
        var seconds = arguments.Number("seconds", 60);
        using var history = new SoakHistory(arguments.Text("history", Path.Combine(Path.GetTempPath(), $"micro-soak-balancing-{seed}.jsonl")));
        Console.WriteLine($"seed {seed}, {seconds} s, history {history.Path}");
        var soak = new BalancingSoak(arguments, seed, history);
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
            soak = "balancing",
            seed,
            seconds,
            attempted = soak._checks.CountOf("attempted"),
            violations = soak._checks.Violations,
            kinds = soak._checks.Kinds,
            did = soak._checks.Counts,
            ok_ms = soak._checker.Latency.Summary,
            worst = soak._checks.Worst,
            evenness = soak._evenness,
            cable = soak._cable,
            stalled_ms = soak._stalls.Total,
            discounted = "bounds in ms are excused by what the client was woken late in that time, or by how long some thread waited for a processor then (at most 1 s)",
            history = history.Path,
        }));
        return soak._checks.Violations == 0 ? 0 : 1;
    }

    private IHost Client(bool isEjecting)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration["Micro:OutlierEjection:Enabled"] = $"{isEjecting}";
        builder.Configuration["Micro:Client:Timeout"] = Deadline.ToString();
        builder.Configuration["Micro:Client:MaxAttempts"] = "5";
        builder.Configuration["Micro:Client:WaitForReady"] = "true";
        builder.Configuration["Micro:Grpc:KeepAlivePingDelay"] = "00:00:01";
        builder.Configuration["Micro:Grpc:KeepAlivePingTimeout"] = "00:00:01";
        builder.Configuration["Micro:Grpc:ConnectTimeout"] = "00:00:02";
        builder.AddSoak("client", Path.Combine(_folder, "home")).AddGrpc().AddSqlite().AddClient<ISoak>();
        return builder.Build();
    }

    private async Task RunAsync(TimeSpan duration)
    {
        await Task.WhenAll(_hosts.Select(host => host.StartAsync()));
        await Task.WhenAll(Enumerable.Range(0, _slots.Length).Select(StartAsync));
        using var stop = new CancellationTokenSource();
        var calling = CallAsync(stop.Token);
        await TroubleAsync(duration);
        await stop.CancelAsync();
        await calling;
        await Task.WhenAll(_calls);
        await EvenAsync();
        _checker.Executed(_all);
    }

    private async Task CleanAsync()
    {
        foreach (var host in _hosts)
        {
            await host.StopAsync();
            host.Dispose();
        }

        foreach (var instance in _all)
        {
            instance.Process.Dispose();
        }

        _network?.Dispose();
        await _stalls.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
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
                _calls.Add(CallOnceAsync(random.Next(2), random.Next(2) == 0, random.Next(20)));
            }

            _calls.RemoveAll(call => call.IsCompletedSuccessfully);
        }
    }

    private async Task<SoakReply?> CallOnceAsync(int client, bool isIdempotent, int millis)
    {
        var request = new SoakRequest(Interlocked.Increment(ref _lastId), millis);
        var began = Stopwatch.GetTimestamp();
        SoakReply? reply = null;
        Exception? failure = null;
        try
        {
            reply = await (isIdempotent ? _soaks[client].RepeatAsync(request, CancellationToken.None) : _soaks[client].HoldAsync(request, CancellationToken.None));
        }
        catch (Exception e)
        {
            failure = e;
        }

        var call = new BalancingCall(request.Id, isIdempotent, client == 0, began, Stopwatch.GetTimestamp(), reply, failure);
        _checker.Ended(call);
        return reply;
    }

    private async Task TroubleAsync(TimeSpan duration)
    {
        List<Task> pending = [];
        var began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < duration)
        {
            await Task.Delay(_random.Next(200, 1200));
            pending.RemoveAll(task => task.IsCompletedSuccessfully);
            var slot = _random.Next(_slots.Length);
            var isEnough = pending.Count < _slots.Length - Anchors;
            if (isEnough && Take(slot) is { } instance)
            {
                pending.Add(DisturbAsync(slot, instance, _random.Next(10), _random.Next()));
            }
        }

        await Task.WhenAll(pending);
    }

    private async Task DisturbAsync(int slot, BalancingInstance instance, int dice, int seed)
    {
        var random = new Random(seed);
        var start = SoakHistory.Now;

        // One silent peer at a time: a call may meet each of them, and has a deadline.
        var isSilent = dice >= 6 && Interlocked.CompareExchange(ref _silent, 1, 0) == 0;
        if (isSilent && _network is not null && slot == _slots.Length - 1)
        {
            instance.Begin(Fault.Unplugged);
            _network.Pull();
            await Task.Delay(random.Next(5000, 8000));
            _network.Plug();
            instance.End();
            await Task.Delay(2000); // until the neighbours know each other again
            Volatile.Write(ref _silent, 0);
            Put(slot, instance, "unplug", start);
        }
        else if (isSilent)
        {
            instance.Begin(Fault.Frozen);
            instance.Process.Signal(SoakProcess.SigStop);
            await Task.Delay(random.Next(3000, 7000));
            instance.Process.Signal(SoakProcess.SigCont);
            instance.End();
            await Task.Delay(1000);
            Volatile.Write(ref _silent, 0);
            Put(slot, instance, "freeze", start);
        }
        else if (dice < 3)
        {
            instance.Begin(Fault.Killed);
            instance.Process.Kill();
            Note("kill", instance, start);
            await Task.Delay(random.Next(2000));
            await StartAsync(slot);
        }
        else
        {
            var successor = random.Next(2) == 0 ? StartAsync(slot) : null;
            instance.Process.Signal(SoakProcess.SigTerm);
            var code = await instance.Process.ExitAsync(TimeSpan.FromSeconds(40));
            _checks.Measure("stop_ms", SoakHistory.Now - start);
            if (code != 0)
            {
                _checks.Violate("LIF-1", $"{instance.Name} was stopped and exited with {code}");
            }

            Note("stop", instance, start);
            await (successor ?? StartAsync(slot));
        }
    }

    private async Task StartAsync(int slot)
    {
        var start = SoakHistory.Now;
        var isApart = _network is not null && slot == _slots.Length - 1;
        string name, listen;
        lock (_gate)
        {
            name = $"n{slot}.{_all.Count}";
        }

        // The one that can be cut off speaks grpc: http has no pings, only the kernel's, which rest while a request is under way.
        var scheme = isApart || slot % 2 == 0 ? "grpc" : "http";
        listen = $"{scheme}+insecure://{(isApart ? _network!.Host : "127.0.0.1")}:0";
        var journal = Path.Combine(_folder, $"journal-{slot}-{Guid.NewGuid():N}");
        await File.WriteAllTextAsync(journal, "");
        var process = SoakProcess.Start(
            isApart ? _network!.Prefix : [], "balancing-node", "--home", Path.Combine(_folder, "home"), "--name", name, "--listen", listen, "--journal", journal);
        try
        {
            var instance = new BalancingInstance(name, process, new Uri(await process.WaitForAsync("ready")), journal);
            _checker.Add(instance);
            lock (_gate)
            {
                _all.Add(instance);
            }

            Put(slot, instance, "start", start);
        }
        catch
        {
            process.Dispose();
            throw;
        }
    }

    private BalancingInstance? Take(int slot)
    {
        lock (_gate)
        {
            var instance = _slots[slot];
            _slots[slot] = null;
            return instance;
        }
    }

    private void Put(int slot, BalancingInstance instance, string op, long start)
    {
        lock (_gate)
        {
            _slots[slot] = instance;
        }

        Note(op, instance, start);
    }

    private void Note(string op, BalancingInstance instance, long start)
    {
        _checks.Count($"did_{op}");
        _history.Add(op, $"{instance.Name} {instance.Address}", start, SoakHistory.Now, "ok");
    }

    /// <summary>How the calls are spread once nothing is wrong and nobody is out any more.</summary>
    private async Task EvenAsync()
    {
        var counts = _slots.ToDictionary(instance => instance!.Name, _ => 0);
        var start = Stopwatch.GetTimestamp();
        var everyone = false;
        while (!everyone && Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(40))
        {
            // Those that were out come back by one call, so calls have to go on meanwhile.
            var served = await Task.WhenAll(Enumerable.Range(0, 20 * counts.Count).Select(_ => CallOnceAsync(0, true, 0)));
            everyone = served.Select(reply => reply?.Filling).Distinct().Count(name => name is not null && counts.ContainsKey(name)) == counts.Count;
            await Task.Delay(200);
        }

        if (!everyone)
        {
            _checks.Violate("LB-8", "40 s after the last trouble some instance still gets no calls");
        }

        for (var i = 0; i < 40; i++)
        {
            foreach (var reply in await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => CallOnceAsync(0, true, 0))))
            {
                if (reply is not null && counts.ContainsKey(reply.Filling))
                {
                    counts[reply.Filling]++;
                }
            }
        }

        _evenness = new { calls = counts, most_to_mean = Math.Round(counts.Values.Max() / Math.Max(1, counts.Values.Average()), 3) };
    }
}
