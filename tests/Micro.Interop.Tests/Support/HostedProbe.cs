namespace Micro.Interop.Tests.Support;

/// <summary>What the hosted classes tell of themselves; one for a server.</summary>
public sealed class HostedProbe
{
    private int _made;
    private int _disposed;
    private int _calls;
    private int _running;

    public int Made => Volatile.Read(ref _made);

    public int Disposed => Volatile.Read(ref _disposed);

    /// <summary>Methods that were entered.</summary>
    public int Calls => Volatile.Read(ref _calls);

    /// <summary>Methods that have not ended.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>What a method saw, by the name of what it is.</summary>
    public System.Collections.Concurrent.ConcurrentDictionary<string, object?> Seen { get; } = new();

    /// <summary>Lets methods that wait for it go on.</summary>
    public TaskCompletionSource Gate { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Make() => Interlocked.Increment(ref _made);

    public void Dispose() => Interlocked.Increment(ref _disposed);

    public IDisposable Enter()
    {
        Interlocked.Increment(ref _calls);
        Interlocked.Increment(ref _running);
        return new Leaving(this);
    }

    private sealed class Leaving(HostedProbe probe) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref probe._running);
    }
}
