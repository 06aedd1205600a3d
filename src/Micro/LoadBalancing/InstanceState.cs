using Micro.Discovery;

namespace Micro.LoadBalancing;

/// <summary>
/// Identity and counters of one instance as this process sees it. The pipeline writes the counters; balancers read them. One object lives as
/// long as the instance stays in the snapshots, whatever else changes in them.
/// </summary>
public sealed class InstanceState
{
    /// <summary>What <see cref="InstanceSet"/> knows of it. A field, because a property would hand out copies.</summary>
    internal InstanceHealth Health;

    private int _inFlight;
    private long _calls;

    /// <summary>Creates the state of an instance nothing is known about yet.</summary>
    public InstanceState(ServiceInstance instance)
    {
        ArgumentNullException.ThrowIfNull(instance);
        Instance = instance;
        Hash = HashOf(instance.Id);
    }

    /// <summary>The instance. Its id, version and addresses stay what they are for the life of this object; its metadata may become newer.</summary>
    public ServiceInstance Instance { get; internal set; }

    /// <summary>Hash of the instance id, the same in every process.</summary>
    public ulong Hash { get; }

    /// <summary>Calls that were sent there and have not ended.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Calls sent there so far.</summary>
    public long Calls => Volatile.Read(ref _calls);

    /// <summary>What the pipeline keeps with the instance: its connection. Null until the first call.</summary>
    internal object? Attachment { get; set; }

    /// <summary>Counts a call as sent.</summary>
    public void Begin()
    {
        Interlocked.Increment(ref _inFlight);
        Interlocked.Increment(ref _calls);
    }

    /// <summary>Counts a call as ended; every <see cref="Begin"/> has exactly one.</summary>
    public void Complete() => Interlocked.Decrement(ref _inFlight);

    /// <summary>
    /// The hash of route keys and instance ids: FNV-1a over the UTF-16 code units with a finalizer (splitmix64), the same in every process and version.
    /// Spreads keys; keeps no secret and resists no attacker.
    /// </summary>
    public static ulong HashOf(ReadOnlySpan<char> text)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in text)
        {
            hash = (hash ^ c) * 1099511628211UL;
        }

        return Mix(hash);
    }

    /// <summary>Spreads every input bit over every output bit (the finalizer of splitmix64).</summary>
    public static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9UL;
        value = (value ^ (value >> 27)) * 0x94d049bb133111ebUL;
        return value ^ (value >> 31);
    }
}
