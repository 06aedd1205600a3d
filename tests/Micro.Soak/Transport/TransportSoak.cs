using System.Diagnostics;
using System.Text.Json;
using Micro.Grpc;
using Micro.Hosting;
using Micro.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Micro.Soak.Transport;

/// <summary>
/// Calls two server processes over grpc and http, TCP and Unix sockets. To one go calls that are cancelled at random moments, slow readers and writers, and
/// messages that are too large or break off; the other one is stopped by SIGSTOP time and again while calls to it run into their deadlines. Afterwards everything
/// has to be as it was after the warm-up (TRN-2, TRN-3, TRN-4, TRN-5). Options: <c>--seconds</c>, <c>--seed</c>, <c>--rate</c> of cancelled calls a second,
/// <c>--history FILE</c>.
/// </summary>
internal sealed partial class TransportSoak
{
    /// <summary>Calls at once to each address; a place that a call did not give back is missed at the end.</summary>
    private const int Places = 200;

    private const int Cancellers = 64, Expirers = 12;
    private static readonly TimeSpan QuietWithin = TimeSpan.FromSeconds(10);
    private static readonly string[] Gauges = ["http.client.active_requests", "http.client.open_connections"];

    private readonly string _folder = Directory.CreateTempSubdirectory("micro-soak-").FullName;
    private readonly SoakGauges _gauges = new(Gauges);
    private readonly StallClock _own = new();
    private readonly int _seed;
    private readonly int _rate;
    private readonly SoakHistory _history;
    private readonly SoakChecks _checks;
    private readonly TransportChecker _checker;
    private readonly IHost _host;
    private readonly ISoak _soak;
    private TransportPeer _steady = null!;
    private TransportPeer _frozen = null!;
    private long _lastId;
    private long _tickets;

    private TransportSoak(SoakArguments arguments, int seed, SoakHistory history)
    {
        _seed = seed;
        _rate = arguments.Number("rate", 1200);
        _history = history;
        _checks = new SoakChecks(history);
        _checker = new TransportChecker(_checks, history);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration["Micro:Grpc:MaxConcurrentCalls"] = $"{Places}";
        builder.Configuration["Micro:Grpc:MaxSendMessageBytes"] = $"{64 * 1024 * 1024}";
        builder.Configuration["Micro:Http:MaxConnections"] = $"{Places}";
        builder.AddSoak("client", Path.Combine(_folder, "home")).AddGrpc().AddSqlite().AddClient<ISoak>();
        _host = builder.Build();
        _soak = _host.Services.GetRequiredService<ISoak>();
    }

    public static async Task<int> RunAsync(SoakArguments arguments)
    {
        var seed = arguments.Number("seed", Environment.TickCount & 0xffffff);
        var seconds = arguments.Number("seconds", 120);
        using var history = new SoakHistory(arguments.Text("history", Path.Combine(Path.GetTempPath(), $"micro-soak-transport-{seed}.jsonl")));
        Console.WriteLine($"seed {seed}, {seconds} s, history {history.Path}");
        var soak = new TransportSoak(arguments, seed, history);
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
            soak = "transport",
            seed,
            seconds,
            attempted = soak._checks.CountOf("attempted"),
            violations = soak._checks.Violations,
            kinds = soak._checks.Kinds,
            did = soak._checks.Counts,
            cancel_to_handler_ms = soak._checker.Reach.Summary,
            cancel_to_handler_less_stalls_ms = soak._checker.ReachLessStalls.Summary,
            cancel_to_return_ms = soak._checker.Return.Summary,
            past_deadline_ms = soak._checker.Overrun.Summary,
            worst = soak._checks.Worst,
            stalled_ms = soak._own.Total,
            discounted = "bounds in ms are excused by what client and server were woken late in that time, or by how long some thread waited for a processor then (at most 1 s)",
            history = history.Path,
        }));
        return soak._checks.Violations == 0 ? 0 : 1;
    }

    private async Task RunAsync(TimeSpan duration)
    {
        await _host.StartAsync();
        _steady = await TransportPeer.StartAsync("steady", Path.Combine(_folder, "s"));
        _frozen = await TransportPeer.StartAsync("frozen", Path.Combine(_folder, "f"));
        var warmUp = TimeSpan.FromSeconds(Math.Min(10, duration.TotalSeconds / 4));
        await LoadAsync(warmUp);
        await SettleAsync(isBaseline: true);
        _checker.IsWarm = true;
        await LoadAsync(duration - warmUp);
        await SettleAsync(isBaseline: false);
        await FillAsync();
    }

    private async Task CleanAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        foreach (var peer in (TransportPeer?[])[_steady, _frozen])
        {
            if (peer is not null)
            {
                await peer.DisposeAsync();
            }
        }

        await _own.DisposeAsync();
        _gauges.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task LoadAsync(TimeSpan duration)
    {
        using var stop = new CancellationTokenSource(duration);
        _tickets = Stopwatch.GetTimestamp();
        List<Task> work = [FreezeAsync(stop.Token), BreakAsync(stop.Token), PingAsync(stop.Token), LookAsync(stop.Token)];
        work.AddRange(Enumerable.Range(0, Cancellers).Select(i => CancelAsync(new Random((_seed * 1000) + i), stop.Token)));
        work.AddRange(Enumerable.Range(0, Expirers).Select(i => ExpireAsync(new Random((_seed * 1000) + 100 + i), stop.Token)));
        work.AddRange(_steady.Targets.Select(target => ReadSlowlyAsync(target, stop.Token)));
        work.AddRange(_steady.Targets.Select(target => WriteFastAsync(target, stop.Token)));
        await Task.WhenAll(work);
    }

    /// <summary>Runs something again and again until told to stop.</summary>
    private static async Task RepeatAsync(Func<Task> work, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await work();
        }
    }

    private Task CancelAsync(Random random, CancellationToken stop) => RepeatAsync(
        async () =>
        {
            // All together keep to the rate, as far as they can.
            var due = Interlocked.Add(ref _tickets, Stopwatch.Frequency / _rate);
            var early = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
            if (early > TimeSpan.FromMilliseconds(1))
            {
                await Task.Delay(early, CancellationToken.None);
            }

            // Sockets of http are good for one cancelled call each, and cost accordingly.
            var targets = _steady.Targets;
            var isGrpc = random.Next(100) < 70;
            var some = targets.Where(target => target.Address.Scheme.StartsWith("grpc", StringComparison.Ordinal) == isGrpc).ToArray();
            var call = new TransportCall(_soak, some[random.Next(some.Length)], (CallKind)random.Next(4), Interlocked.Increment(ref _lastId));
            await call.CancelAsync(TimeSpan.FromMilliseconds(random.Next(25)), random.Next(2) == 0);
            _checker.Returned(call, _own);
            _steady.Ended(call, TimeSpan.FromSeconds(2));
        },
        stop);

    private Task ExpireAsync(Random random, CancellationToken stop) => RepeatAsync(
        async () =>
        {
            var call = new TransportCall(_soak, _frozen.Targets[random.Next(4)], (CallKind)random.Next(4), Interlocked.Increment(ref _lastId));
            var timeout = TimeSpan.FromMilliseconds(random.Next(20, 400));
            await call.ExpireAsync(timeout);
            _checker.Expired(call, timeout, _own);
            _frozen.Ended(call, TimeSpan.FromSeconds(10));
        },
        stop);

    private async Task FreezeAsync(CancellationToken stop)
    {
        var random = new Random(_seed);
        while (!stop.IsCancellationRequested)
        {
            var at = SoakHistory.Now;
            _frozen.Process.Signal(SoakProcess.SigStop);
            await Task.Delay(random.Next(200, 1500), CancellationToken.None);
            _frozen.Process.Signal(SoakProcess.SigCont);
            _history.Add("freeze", _frozen.Name, at, SoakHistory.Now, "ok");
            _checks.Count("freezes");
            await Task.Delay(random.Next(200, 1000), CancellationToken.None);
        }
    }

    private async Task PingAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            foreach (var target in _steady.Targets)
            {
                using var scope = Rpc.CallOptions.Use(new Rpc.CallOptions { Address = target.Address, MaxAttempts = 1 });
                var start = Stopwatch.GetTimestamp();
                try
                {
                    await _soak.HoldAsync(new SoakRequest(Interlocked.Increment(ref _lastId)), CancellationToken.None);
                }
                catch (CallException e)
                {
                    _checks.Violate("outcome", $"a plain call to {target.Name} ended with {e.Message}");
                }

                target.Note(Stopwatch.GetElapsedTime(start));
                _checks.Measure("round_trip_ms", Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }

            await Task.Delay(50, CancellationToken.None);
        }
    }

    /// <summary>Looks at the handlers of calls that ended a while ago.</summary>
    private async Task LookAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(50, CancellationToken.None);
            Look(all: false);
        }
    }

    private void Look(bool all)
    {
        foreach (var peer in (TransportPeer[])[_steady, _frozen])
        {
            foreach (var call in peer.Due(all))
            {
                _checker.Settled(call, peer, isTimed: peer == _steady);
            }
        }
    }
}
