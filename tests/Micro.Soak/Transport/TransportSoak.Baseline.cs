using System.Diagnostics;
using Micro.Rpc;

namespace Micro.Soak.Transport;

/// <summary>After the load everything has to be as it was after the warm-up.</summary>
internal sealed partial class TransportSoak
{
    /// <summary>By how much each may be above the baseline: pools grow with what was ever in use at once.</summary>
    private const long MemoryBound = 48 * 1024, HeapBound = 8 * 1024, ThreadBound = 12, DescriptorBound = 24, SocketBound = 16;

    private (ProcessFootprint Footprint, long Heap) _baseline;

    private async Task SettleAsync(bool isBaseline)
    {
        await QuietAsync();
        await Task.Delay(TimeSpan.FromSeconds(2));
        Look(all: true);
        foreach (var peer in (TransportPeer[])[_steady, _frozen])
        {
            var state = await peer.AskAsync("settle");
            var footprint = ProcessFootprint.Of(peer.Process.Id);
            Note(isBaseline ? "baseline" : "end", peer.Name, new { footprint, state });
            if (isBaseline)
            {
                peer.Baseline = (footprint, state);
            }
            else
            {
                Compare(peer.Name, peer.Baseline.Footprint, footprint, peer.Baseline.State.Heap, state.Heap);
            }
        }

        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        var (own, heap) = (ProcessFootprint.Of(Environment.ProcessId), GC.GetTotalMemory(false));
        Note(isBaseline ? "baseline" : "end", "client", new { own, heap });
        if (isBaseline)
        {
            _baseline = (own, heap);
        }
        else
        {
            Compare("client", _baseline.Footprint, own, _baseline.Heap, heap);
        }
    }

    /// <summary>No handler, no stream, no call on a socket.</summary>
    private async Task QuietAsync()
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            var (steady, frozen) = (await _steady.AskAsync("state"), await _frozen.AskAsync("state"));
            var requests = _gauges[Gauges[0]];
            var sockets = _gauges[Gauges[1] + ".active"];
            if (steady is { Handlers: 0, Requests: 0, Upgraded: 0 } && frozen is { Handlers: 0, Requests: 0, Upgraded: 0 } && requests == 0 && sockets == 0)
            {
                _checks.Measure("quiet_after_ms", Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                return;
            }

            if (Stopwatch.GetElapsedTime(start) > QuietWithin)
            {
                _checks.Violate("baseline", $"after the last call: steady {steady}, frozen {frozen}, client {requests} requests on {sockets} sockets");
                return;
            }

            await Task.Delay(50);
        }
    }

    private void Compare(string who, ProcessFootprint before, ProcessFootprint after, long heapBefore, long heapAfter)
    {
        Bound(who, "memory_kib", after.Memory - before.Memory, MemoryBound);
        Bound(who, "heap_kib", (heapAfter - heapBefore) / 1024, HeapBound);
        Bound(who, "threads", after.Threads - before.Threads, ThreadBound);
        Bound(who, "descriptors", after.Descriptors - before.Descriptors, DescriptorBound);
        Bound(who, "sockets", after.Sockets - before.Sockets, SocketBound);
    }

    private void Bound(string who, string what, long growth, long bound)
    {
        _checks.Measure($"growth_{who}_{what}", growth);
        if (growth > bound)
        {
            _checks.Violate("baseline", $"{who}: {growth} more {what} than after the warm-up");
        }
    }

    private void Note(string op, string node, object result) => _history.Add(op, node, SoakHistory.Now, SoakHistory.Now, result);

    /// <summary>As many calls at once as each address has places for: one too few would mean that some call never gave its place back.</summary>
    private async Task FillAsync()
    {
        foreach (var peer in (TransportPeer[])[_steady, _frozen])
        {
            foreach (var target in peer.Targets)
            {
                using var cancel = new CancellationTokenSource();
                using var scope = CallOptions.Use(new CallOptions { Address = target.Address, MaxAttempts = 1, Timeout = TimeSpan.FromSeconds(60) });
                var calls = Enumerable.Range(0, Places)
                    .Select(_ => _soak.HoldAsync(new SoakRequest(Interlocked.Increment(ref _lastId), 60_000), cancel.Token)).ToArray();
                var start = Stopwatch.GetTimestamp();
                long running;
                while ((running = (await peer.AskAsync("state")).Handlers) < Places && Stopwatch.GetElapsedTime(start) < QuietWithin)
                {
                    await Task.Delay(20);
                }

                _checks.Count("attempted", Places);
                if (running < Places)
                {
                    _checks.Violate("baseline", $"{target.Name} has room for {running} calls of {Places}");
                }

                await cancel.CancelAsync();
                await Task.WhenAll(calls).ContinueWith(static _ => { }, TaskScheduler.Default);
            }

            await QuietAsync();
        }
    }
}
