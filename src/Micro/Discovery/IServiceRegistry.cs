namespace Micro.Discovery;

/// <summary>Where instances make themselves known. Thread-safe.</summary>
public interface IServiceRegistry
{
    /// <summary>
    /// Makes an instance known and keeps it so until the registration is disposed: heartbeats, and registering again by itself under the same id
    /// after the registry was away, are the registration's own work. An instance with the same id is replaced.
    /// </summary>
    /// <exception cref="RegistryUnavailableException">The registry cannot be reached or read; the message names it.</exception>
    ValueTask<IServiceRegistration> RegisterAsync(ServiceInstance instance, CancellationToken cancellationToken);
}
