using System.Collections.Immutable;
using Micro.Discovery;

namespace Micro.Soak.Registry;

/// <summary>
/// Compares what watchers see with what the nodes did: visible within a second, gone within a second after leaving and within TTL and a second after
/// being killed, never gone while alive, no id twice, nobody unknown. Times are milliseconds since 1970. Thread-safe.
/// </summary>
internal sealed class RegistryChecker(SoakHistory history, StallMeter stalls)
{
    private const long Bound = 1000;

    private readonly Lock _gate = new();
    private readonly Dictionary<int, NodeLife> _lives = [];
    private readonly ImmutableArray<ServiceInstance>[] _lists = new ImmutableArray<ServiceInstance>[RegistrySoak.Watchers];

    public int Violations { get; private set; }

    public int Checks { get; private set; }

    public SortedDictionary<string, long> Worst { get; } = [];

    public void Add(NodeLife life)
    {
        lock (_gate)
        {
            _lives.Add(life.Port, life);
        }
    }

    /// <summary>Changes a life under the checker's lock.</summary>
    public void Note(NodeLife life, Action<NodeLife> change)
    {
        lock (_gate)
        {
            change(life);
        }
    }

    /// <summary>Takes a new list of a watcher.</summary>
    public void See(int watcher, ServiceSnapshot snapshot)
    {
        var now = SoakHistory.Now;
        lock (_gate)
        {
            var ports = snapshot.Instances.Select(instance => instance.Addresses[0].Port).ToHashSet();
            history.Add("see", $"watcher{watcher}", now, now, snapshot.Instances.Select(instance => $"{instance.Id}:{instance.Addresses[0].Port}"));
            foreach (var twice in snapshot.Instances.GroupBy(instance => instance.Id).Where(group => group.Count() > 1))
            {
                Violate($"watcher {watcher} shows {twice.Key} twice");
            }

            foreach (var port in ports.Where(port => !_lives.ContainsKey(port)))
            {
                Violate($"watcher {watcher} shows an instance at port {port} that never was");
            }

            foreach (var life in _lives.Values)
            {
                Follow(life, watcher, ports.Contains(life.Port), now);
            }

            _lists[watcher] = snapshot.Instances;
        }
    }

    /// <summary>Checks the bounds as of now; to be called many times a second.</summary>
    public void Check(long now)
    {
        lock (_gate)
        {
            foreach (var life in _lives.Values)
            {
                for (var watcher = 0; watcher < RegistrySoak.Watchers; watcher++)
                {
                    Checks++;
                    Check(life, watcher, now);
                }
            }

            foreach (var (port, _) in _lives.Where(entry => entry.Value.GoneBy < now - 30_000).ToList())
            {
                _lives.Remove(port);
            }
        }
    }

    private void Check(NodeLife life, int watcher, long now)
    {
        var isShown = !_lists[watcher].IsDefault && _lists[watcher].Any(instance => instance.Addresses[0].Port == life.Port);
        var isDueToShow = life.Registered != 0 && life.Ended == 0 && now > life.Registered + Bound + stalls.Since(life.Registered);
        if (isDueToShow && !isShown && life.Reported.Add($"missing{watcher}"))
        {
            Violate($"watcher {watcher} does not show {life.Id}:{life.Port}, registered {now - life.Registered} ms ago and alive");
        }

        if (life.GoneBy != long.MaxValue && isShown && now > life.GoneBy + stalls.Since(life.Ended) && life.Reported.Add($"zombie{watcher}"))
        {
            Violate($"watcher {watcher} still shows {life.Id}:{life.Port}, {life.Ending} {now - life.Ended} ms ago");
        }
    }

    private void Follow(NodeLife life, int watcher, bool isShown, long now)
    {
        if (isShown && life.Seen[watcher] == 0)
        {
            life.Seen[watcher] = now;
            Measure("visible_ms", life.Registered == 0 ? 0 : now - life.Registered);
        }
        else if (!isShown && life.Seen[watcher] != 0 && life.Gone[watcher] == 0 && life.Ended != 0)
        {
            life.Gone[watcher] = now;
            Measure($"gone_after_{life.Ending}_ms", now - life.Ended);
        }
    }

    private void Measure(string what, long value) => Worst[what] = Math.Max(Worst.GetValueOrDefault(what), value);

    private void Violate(string what)
    {
        Violations++;
        var now = SoakHistory.Now;
        history.Add("violation", "", now, now, what);
        Console.Error.WriteLine($"VIOLATION: {what}");
    }
}
