namespace Micro.Discovery;

/// <summary>A registration in memory. Its fields are guarded by the registry's lock.</summary>
internal sealed class InMemoryRegistration(InMemoryServiceRegistry registry, ServiceInstance instance) : IServiceRegistration
{
    public ServiceInstance Instance { get; } = instance;

    public CancellationToken Lost => Signal.Token;

    internal LostSignal Signal { get; } = new();

    /// <summary>Monotonic time of the last renewal.</summary>
    internal long RenewedAt { get; set; }

    /// <summary>Nobody renews it any more, as after the death of its process.</summary>
    internal bool IsAbandoned { get; set; }

    public ValueTask DisposeAsync()
    {
        registry.Remove(this);
        return ValueTask.CompletedTask;
    }
}
