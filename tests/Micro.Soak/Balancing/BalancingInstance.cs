using System.Diagnostics;

namespace Micro.Soak.Balancing;

/// <summary>What was done to a server process. Between the timestamps calls to it may fail that would not elsewhere.</summary>
internal enum Fault
{
    None,
    Killed,
    Frozen,
    Unplugged,
}

/// <summary>A server process as the soak sees it.</summary>
internal sealed class BalancingInstance(string name, SoakProcess process, Uri address, string journal)
{
    private volatile FaultTime _fault = new(Fault.None, 0, 0);

    public string Name => name;

    public SoakProcess Process => process;

    public Uri Address => address;

    public string Journal => journal;

    public bool IsGrpc { get; } = address.Scheme.StartsWith("grpc", StringComparison.Ordinal);

    /// <summary>The latest thing that was done to it.</summary>
    public FaultTime Last => _fault;

    public void Begin(Fault fault) => _fault = new(fault, Stopwatch.GetTimestamp(), long.MaxValue);

    public void End() => _fault = _fault with { Ended = Stopwatch.GetTimestamp() };

    /// <param name="Fault">What.</param>
    /// <param name="Began">From when on.</param>
    /// <param name="Ended">Until when.</param>
    internal sealed record FaultTime(Fault Fault, long Began, long Ended)
    {
        /// <summary>Whether it may be what a call met; with a second for the sockets to recover.</summary>
        public bool Meets(long start, long end) => Fault != Fault.None && Began <= end && (Ended == long.MaxValue || start <= Ended + Stopwatch.Frequency);
    }
}
