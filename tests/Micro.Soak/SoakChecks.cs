namespace Micro.Soak;

/// <summary>What a run found out: violations, counts, worst values and distributions. Thread-safe.</summary>
internal sealed class SoakChecks(SoakHistory history)
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, long> _counts = [];
    private readonly SortedDictionary<string, double> _worst = [];
    private readonly SortedDictionary<string, int> _kinds = [];
    private int _violations;

    public int Violations => Volatile.Read(ref _violations);

    /// <summary>How often each kind of violation happened.</summary>
    public IReadOnlyDictionary<string, int> Kinds => _kinds;

    public IReadOnlyDictionary<string, long> Counts => _counts;

    public IReadOnlyDictionary<string, double> Worst => _worst;

    public void Count(string what, long by = 1)
    {
        lock (_gate)
        {
            _counts[what] = _counts.GetValueOrDefault(what) + by;
        }
    }

    public long CountOf(string what)
    {
        lock (_gate)
        {
            return _counts.GetValueOrDefault(what);
        }
    }

    /// <summary>Keeps the largest value.</summary>
    public void Measure(string what, double value)
    {
        lock (_gate)
        {
            _worst[what] = Math.Round(Math.Max(_worst.GetValueOrDefault(what), value), 1);
        }
    }

    /// <summary>The first of each kind are told in full.</summary>
    public void Violate(string kind, string what)
    {
        var now = SoakHistory.Now;
        history.Add("violation", kind, now, now, what);
        lock (_gate)
        {
            _violations++;
            var count = _kinds[kind] = _kinds.GetValueOrDefault(kind) + 1;
            if (count <= 5)
            {
                Console.Error.WriteLine($"VIOLATION {kind}: {what}");
            }
        }
    }
}
