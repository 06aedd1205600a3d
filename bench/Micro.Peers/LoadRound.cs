using System.Diagnostics;
using System.Text.Json.Serialization;

namespace Micro.Peers;

/// <summary>One line of the client's output.</summary>
internal sealed record RoundResult(
    string Kind, int Payload, int Concurrency, long Calls, double CallsPerS, double P50Us, double P99Us, long AllocPerCall, double ClientCpuUs);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(RoundResult))]
[JsonSerializable(typeof(ComparisonReport))]
internal sealed partial class RoundJson : JsonSerializerContext;

/// <summary>Calls as fast as the given number of callers can, for a time.</summary>
internal sealed class LoadRound(EchoClients client, string kind, int concurrency, int payload)
{
    private readonly LatencyHistogram[] _latencies = [.. Enumerable.Range(0, concurrency).Select(_ => new LatencyHistogram())];
    private readonly LatencyHistogram _all = new();

    public async Task<RoundResult> RunAsync(double seconds)
    {
        _all.Clear();
        foreach (var latency in _latencies)
        {
            latency.Clear();
        }

        using var self = Process.GetCurrentProcess();
        var cpu = self.TotalProcessorTime;
        var allocated = GC.GetTotalAllocatedBytes();
        var started = Stopwatch.GetTimestamp();
        var end = started + (long)(seconds * Stopwatch.Frequency);
        var calls = (await Task.WhenAll(_latencies.Select(latency => Task.Run(() => CallUntilAsync(end, latency))))).Sum();
        var elapsed = Stopwatch.GetElapsedTime(started).TotalSeconds;
        allocated = GC.GetTotalAllocatedBytes() - allocated;
        self.Refresh();
        cpu = self.TotalProcessorTime - cpu;
        foreach (var latency in _latencies)
        {
            _all.Add(latency);
        }

        return new RoundResult(
            kind,
            payload,
            concurrency,
            calls,
            Math.Round(calls / elapsed, 1),
            Math.Round(_all.Microseconds(0.5, Stopwatch.Frequency), 1),
            Math.Round(_all.Microseconds(0.99, Stopwatch.Frequency), 1),
            allocated / Math.Max(1, calls),
            Math.Round(cpu.TotalMicroseconds / Math.Max(1, calls), 2));
    }

    private async Task<long> CallUntilAsync(long end, LatencyHistogram latency)
    {
        long calls = 0;
        var before = Stopwatch.GetTimestamp();
        while (before < end)
        {
            await client.CallAsync();
            var after = Stopwatch.GetTimestamp();
            latency.Record(after - before);
            before = after;
            calls++;
        }

        return calls;
    }
}
