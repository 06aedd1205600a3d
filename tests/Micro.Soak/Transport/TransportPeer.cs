using System.Diagnostics;
using System.Text.Json;

namespace Micro.Soak.Transport;

/// <summary>A server process, and the calls to it whose handlers have yet to be looked at. Thread-safe.</summary>
internal sealed class TransportPeer : IAsyncDisposable
{
    private readonly Queue<(TransportCall Call, long Due)> _pending = new();
    private readonly Lock _gate = new();

    private TransportPeer(string name, SoakProcess process, HandlerLedger ledger, IEnumerable<Uri> addresses)
    {
        Name = name;
        Process = process;
        Ledger = ledger;
        Stalls = new StallClock(other: () => ledger.Stalled);
        Targets = [.. addresses.Select(address => new TransportTarget(name, address))];
    }

    public string Name { get; }

    public SoakProcess Process { get; }

    public HandlerLedger Ledger { get; }

    /// <summary>How late both processes were.</summary>
    public StallClock Stalls { get; }

    public TransportTarget[] Targets { get; }

    /// <summary>Footprint and state after the warm-up.</summary>
    public (ProcessFootprint Footprint, TransportState State) Baseline { get; set; }

    public static async Task<TransportPeer> StartAsync(string name, string folder)
    {
        Directory.CreateDirectory(folder);
        var ledger = new HandlerLedger(Path.Combine(folder, "ledger"));
        var process = SoakProcess.Start([], "transport-server", "--folder", folder);
        var addresses = await process.WaitForAsync("ready");
        return new TransportPeer(name, process, ledger, addresses.Split(' ').Select(address => new Uri(address)));
    }

    /// <summary>Has the handler of a call looked at some time after it ended.</summary>
    public void Ended(TransportCall call, TimeSpan grace)
    {
        lock (_gate)
        {
            _pending.Enqueue((call, Stopwatch.GetTimestamp() + (long)(grace.TotalSeconds * Stopwatch.Frequency)));
        }
    }

    /// <summary>The calls that are due; at the end all.</summary>
    public IEnumerable<TransportCall> Due(bool all)
    {
        while (true)
        {
            TransportCall call;
            lock (_gate)
            {
                if (!_pending.TryPeek(out var first) || (!all && first.Due > Stopwatch.GetTimestamp()))
                {
                    yield break;
                }

                call = _pending.Dequeue().Call;
            }

            yield return call;
        }
    }

    public async Task<TransportState> AskAsync(string command) =>
        JsonSerializer.Deserialize<TransportState>(await Process.AskAsync(command, "state"))!;

    public async ValueTask DisposeAsync()
    {
        Process.Dispose();
        await Stalls.DisposeAsync();
        Ledger.Dispose();
    }
}
