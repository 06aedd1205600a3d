using System.Collections.Concurrent;
using System.Diagnostics;

namespace Micro.Soak.Rotation;

/// <summary>Calls and a stream of an identity that is about to be revoked: when the last call began that was taken, and when the stream ended. For one revocation.</summary>
internal sealed class RotationOutcast(RotationCaller caller)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, long> _codes = [];
    private readonly TaskCompletionSource _talking = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentQueue<(long Began, long Ended)> _taken = new();
    private Task _calling = Task.CompletedTask;
    private Task<(long At, string End)> _stream = Task.FromResult((0L, ""));

    public string Transport => caller.Transport;

    public string Refusal { get; private set; } = "no call was refused";

    public string StreamEnd { get; private set; } = "the stream was not cut off";

    /// <summary>How often its calls were refused, by code.</summary>
    public IReadOnlyDictionary<string, long> Codes => _codes;

    /// <summary>Completes when a stream is open.</summary>
    public async Task StartAsync()
    {
        _calling = CallAsync();
        _stream = TalkAsync();
        await Task.WhenAny(_talking.Task, _stream);
    }

    /// <summary>From the revocation, ms: until the last call began that was taken, and until the stream ended. Infinite where that did not happen before the restoration.</summary>
    public async Task<(double Refused, double Ended)> EndAsync(long began, long restored)
    {
        await _stop.CancelAsync();
        await _calling;
        var (at, end) = await _stream;
        StreamEnd = end;

        // One that ended later may have been taken after the restoration.
        var last = _taken.Where(taken => taken.Began >= began && taken.Ended < restored).Select(taken => taken.Began).DefaultIfEmpty(began).Max();
        var refused = _codes.IsEmpty ? double.PositiveInfinity : Stopwatch.GetElapsedTime(began, last).TotalMilliseconds;
        var ended = end.Length == 0 || at > restored ? 99_999 : at < began ? 0 : Stopwatch.GetElapsedTime(began, at).TotalMilliseconds;
        return (Math.Min(refused, 99_999), ended);
    }

    private async Task CallAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var start = Stopwatch.GetTimestamp();
            if (await caller.CallAsync(isIdempotent: false, millis: 0) is { } failure)
            {
                Refusal = failure;
                _codes.AddOrUpdate(failure.Split(':')[0], 1, (_, count) => count + 1);
            }
            else
            {
                _taken.Enqueue((start, Stopwatch.GetTimestamp()));
            }

            await Task.Delay(Pause);
        }
    }

    private async Task<(long At, string End)> TalkAsync()
    {
        // Shorter than a server lets a stream be beyond its leaf, longer than the bound.
        var end = await caller.TalkAsync(TimeSpan.FromSeconds(2.2), () => _talking.TrySetResult());
        return (Stopwatch.GetTimestamp(), end ?? "");
    }
}
