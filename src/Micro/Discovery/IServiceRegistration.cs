namespace Micro.Discovery;

/// <summary>
/// An instance that is registered. Disposing deregisters: watchers see it gone within a second; a second dispose does nothing.
/// </summary>
public interface IServiceRegistration : IAsyncDisposable
{
    /// <summary>What is registered.</summary>
    ServiceInstance Instance { get; }

    /// <summary>
    /// Fires when others may no longer see the instance, by the registration's own clock, though it was not disposed. The registration goes on
    /// trying to register again; read the property again for the next time.
    /// </summary>
    CancellationToken Lost { get; }
}
