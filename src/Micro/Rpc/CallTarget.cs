using Micro.LoadBalancing;

namespace Micro.Rpc;

/// <summary>The instance one attempt goes to, entered and counted; <see cref="ReleaseAsync"/> is called exactly once.</summary>
internal readonly struct CallTarget(InstanceState state, InstanceConnection connection)
{
    public InstanceState State { get; } = state;

    public InstanceConnection Connection { get; } = connection;

    public ValueTask ReleaseAsync()
    {
        State.Complete();
        return Connection.ExitAsync();
    }
}
