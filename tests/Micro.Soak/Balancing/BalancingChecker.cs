using System.Collections.Concurrent;
using System.Diagnostics;

namespace Micro.Soak.Balancing;

/// <summary>One call as its caller saw it.</summary>
internal sealed record BalancingCall(long Id, bool IsIdempotent, bool IsEjecting, long Began, long Ended, SoakReply? Reply, Exception? Failure)
{
    public TimeSpan Took => Stopwatch.GetElapsedTime(Began, Ended);
}

/// <summary>Compares how calls ended with what was done to the servers meanwhile (LB-2, LB-3, LB-4, LB-9, LIF-1, TRN-4). Thread-safe.</summary>
internal sealed class BalancingChecker(SoakChecks checks, SoakHistory history, StallClock stalls, TimeSpan deadline)
{
    /// <summary>Ping after a second, a second for the answer, and twice the second between two looks of SocketsHttpHandler at its sockets.</summary>
    public static readonly TimeSpan Detection = TimeSpan.FromSeconds(4);

    private const int MostLate = 10, MostAttempts = 5;

    private readonly ConcurrentDictionary<Uri, BalancingInstance> _instances = new();
    private readonly ConcurrentDictionary<long, int> _late = new();

    /// <summary>How long calls took that succeeded.</summary>
    public SoakDistribution Latency { get; } = new();

    public void Add(BalancingInstance instance) => _instances[instance.Address] = instance;

    public void Ended(BalancingCall call)
    {
        checks.Count("attempted");
        checks.Count(call.IsIdempotent ? "idempotent" : "not_idempotent");
        var late = call.Took - deadline - stalls.Between(call.Began, call.Ended);
        checks.Measure("past_deadline_ms", Math.Max(0, (call.Took - deadline).TotalMilliseconds));
        if (late > TimeSpan.FromMilliseconds(50))
        {
            checks.Violate("TRN-4", $"call {call.Id} took {call.Took.TotalMilliseconds:0} ms");
        }

        if (call.Failure is null)
        {
            Latency.Add(call.Took);
            Slow(call);
            checks.Count(call.Reply!.Number > 0 ? "ok_by_retry" : "ok");
            CheckAttempts(call, call.Reply.Number + 1);
        }
        else
        {
            Failed(call);
        }
    }

    /// <summary>What the servers say they executed; after the last call.</summary>
    public void Executed(IEnumerable<BalancingInstance> instances)
    {
        var once = new Dictionary<long, string>();
        foreach (var instance in instances)
        {
            var repeated = new HashSet<long>();
            foreach (var line in File.ReadLines(instance.Journal))
            {
                if (line.Split(' ') is not [var kind, var text, var attempt] || !long.TryParse(text, out var id))
                {
                    continue;
                }

                checks.Count("executed");
                CheckAttempts(null, int.Parse(attempt, System.Globalization.CultureInfo.InvariantCulture) + 1);
                if (kind == "o" && !once.TryAdd(id, instance.Name))
                {
                    checks.Violate("LB-3", $"call {id}, which is not idempotent, was executed by {once[id]} and by {instance.Name}");
                }

                if (kind == "r" && !repeated.Add(id))
                {
                    checks.Violate("LB-2", $"call {id} was executed by {instance.Name} twice, while there were others");
                }
            }
        }
    }

    /// <summary>LB-9: a call that succeeded in the end must not have waited for a silent peer for longer than it takes to find out.</summary>
    private void Slow(BalancingCall call)
    {
        if (call.Took < TimeSpan.FromSeconds(1))
        {
            return;
        }

        var now = SoakHistory.Now;
        history.Add("slow", call.Reply!.Filling, now - (long)call.Took.TotalMilliseconds, now, new { call.Id, call.IsIdempotent, attempts = call.Reply.Number + 1 });
        checks.Count("slow");

        // A frozen server of http looks like a slow one: its kernel goes on to acknowledge. Such a call ends with its deadline at the latest.
        var served = _instances.Values.FirstOrDefault(instance => instance.Name == call.Reply.Filling);
        if (served?.IsGrpc == true && call.Took > Detection + TimeSpan.FromSeconds(1) + stalls.Between(call.Began, call.Ended))
        {
            checks.Violate("LB-9", $"call {call.Id} waited {call.Took.TotalMilliseconds:0} ms, at last for {served.Name}");
        }
    }

    private void Failed(BalancingCall call)
    {
        if (call.Failure is not CallException { Attempts: [.., var last] } failure)
        {
            checks.Violate("outcome", $"call {call.Id} failed without an attempt: {call.Failure}");
            return;
        }

        CheckAttempts(call, failure.Attempts.Count);
        if (failure.Attempts.Select(attempt => attempt.InstanceId).Distinct().Count() < failure.Attempts.Count)
        {
            checks.Violate("LB-2", $"call {call.Id} was sent to an instance twice: {failure.Message}");
        }

        if (!call.IsEjecting && failure.Attempts.Count == MostAttempts && failure.Attempts.All(attempt => WasAtFault(attempt.Address, call)))
        {
            // The registry lists the killed until their time is over; without ejection a call may meet more of them than it has attempts.
            checks.Count("out_of_attempts");
            return;
        }

        _instances.TryGetValue(last.Address, out var instance);
        var fault = instance?.Last;
        var isMet = fault?.Meets(call.Began, call.Ended) == true;
        if (call.IsIdempotent || !isMet || failure.Code != CallStatusCode.Unavailable || failure.Status.NotProcessed)
        {
            var what = fault is null || fault.Fault == Fault.None ? "nothing was done to it" : $"it was {fault.Fault}";
            checks.Violate(call.IsIdempotent ? "LB-2" : "LB-3", $"call {call.Id} ({(call.IsIdempotent ? "idempotent" : "not idempotent")}) failed after {call.Took.TotalMilliseconds:0} ms on {instance?.Name ?? "?"}, {what}: {failure.Message}");
            return;
        }

        checks.Count($"failed_as_{fault!.Fault}");
        if (fault.Fault is Fault.Frozen or Fault.Unplugged)
        {
            Detected(call, instance!, fault);
        }
    }

    /// <summary>LB-9: a call on a socket whose peer fell silent, and those that come after.</summary>
    private void Detected(BalancingCall call, BalancingInstance instance, BalancingInstance.FaultTime fault)
    {
        var from = Math.Max(call.Began, fault.Began);
        var took = Stopwatch.GetElapsedTime(from, call.Ended);
        checks.Measure($"detected_{fault.Fault}_ms", took.TotalMilliseconds);
        if (took > Detection + TimeSpan.FromMilliseconds(250) + stalls.Between(from, call.Ended))
        {
            checks.Violate("LB-9", $"call {call.Id} was told after {took.TotalMilliseconds:0} ms that {instance.Name} is {fault.Fault}");
        }

        if (call.IsEjecting && call.Began > fault.Began + ((long)(Detection.TotalSeconds + 1) * Stopwatch.Frequency))
        {
            var count = _late.AddOrUpdate(fault.Began, 1, static (_, count) => count + 1);
            checks.Measure("late_victims", count);
            if (count == MostLate)
            {
                checks.Violate("LB-9", $"{count} calls that began long after {instance.Name} was {fault.Fault} still went there");
            }
        }
    }

    private bool WasAtFault(Uri address, BalancingCall call) =>
        _instances.TryGetValue(address, out var instance) && instance.Last.Meets(call.Began, call.Ended);

    private void CheckAttempts(BalancingCall? call, int attempts)
    {
        checks.Measure("attempts", attempts);
        if (attempts > MostAttempts)
        {
            checks.Violate("LB-4", $"call {call?.Id} had {attempts} attempts");
            history.Add("attempts", "", SoakHistory.Now, SoakHistory.Now, attempts);
        }
    }
}
