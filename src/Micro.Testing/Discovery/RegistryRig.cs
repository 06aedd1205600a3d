namespace Micro.Testing.Discovery;

/// <summary>
/// What <see cref="ServiceRegistryConformance"/> needs of an implementation: several processes over one backend that can be taken away. Disposing it ends
/// all nodes and the backend.
/// </summary>
public abstract class RegistryRig : IAsyncDisposable
{
    /// <summary>The clock of the nodes, real or fake.</summary>
    public abstract TimeProvider Time { get; }

    /// <summary>Time after which a registration is over that nobody renews. Short, as most cases wait for it.</summary>
    public abstract TimeSpan Ttl { get; }

    /// <summary>Starts another process, as independent of the others as can be.</summary>
    public abstract RegistryNode AddNode();

    /// <summary>Ends a node as SIGKILL would: nothing is deregistered, nothing renewed.</summary>
    public abstract ValueTask KillAsync(RegistryNode node);

    /// <summary>Takes the backend away from all nodes; what it holds stays.</summary>
    public abstract ValueTask BreakAsync();

    /// <summary>Brings the backend back.</summary>
    public abstract ValueTask RestoreAsync();

    /// <summary>Lets a little of <see cref="Time"/> pass, 50 ms at most, and other work run.</summary>
    public abstract ValueTask PassAsync();

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();
}
