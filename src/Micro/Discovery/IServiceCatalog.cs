namespace Micro.Discovery;

/// <summary>Capability of a resolver: to list what there is.</summary>
public interface IServiceCatalog
{
    /// <summary>Names of all services with at least one live instance, ordered.</summary>
    /// <exception cref="RegistryUnavailableException">The registry cannot be reached or read.</exception>
    ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken);
}
