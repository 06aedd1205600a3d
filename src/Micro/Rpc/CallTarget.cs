using Micro.LoadBalancing;

namespace Micro.Rpc;

/// <summary>The instance one attempt goes to, entered and counted; <see cref="Release"/> is called exactly once.</summary>
internal readonly struct CallTarget(InstanceState state, InstanceConnection connection)
{
    public InstanceState State { get; } = state;

    public InstanceConnection Connection { get; } = connection;

    public void Release()
    {
        State.Complete();
        Connection.Exit();
    }
}
