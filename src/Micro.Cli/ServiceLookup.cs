using Micro.Discovery;

namespace Micro.Cli;

/// <summary>Asks the registry once, with a limit: a person or a script is waiting.</summary>
internal sealed class ServiceLookup(IServiceResolver resolver, TimeProvider time)
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>What is asked.</summary>
    public string Source => resolver.Source;

    /// <summary>All services with their instances, ordered by name.</summary>
    public Task<ServiceSnapshot[]> ListAsync(CancellationToken cancellationToken) => LimitAsync(
        async limited =>
        {
            var catalog = resolver as IServiceCatalog ?? throw ToolException.Usage(
                $"The registry '{resolver.Source}' finds a service by its name but cannot list what there is. Name the service: micro describe NAME.");
            var names = await catalog.ListAsync(limited);
            var snapshots = await Task.WhenAll(names.Select(name => FirstAsync(name, limited)));

            // A service may have left between the list and the look at it.
            return snapshots.Where(snapshot => !snapshot.Instances.IsEmpty).ToArray();
        },
        cancellationToken);

    /// <summary>Checks that the service has an instance, so that "unknown" and "does not answer" are told apart.</summary>
    /// <exception cref="ToolException">It has none, or the registry cannot be asked.</exception>
    public Task RequireAsync(string service, CancellationToken cancellationToken) => LimitAsync(
        async limited =>
        {
            var snapshot = await FirstAsync(service, limited);
            return snapshot.Instances.IsEmpty ? throw ToolException.Discovery(await UnknownAsync(service, limited)) : snapshot;
        },
        cancellationToken);

    private async Task<string> UnknownAsync(string service, CancellationToken cancellationToken)
    {
        var unknown = $"No instance of service '{service}' is known to the registry asked: {resolver.Source}.";
        if (resolver is not IServiceCatalog catalog)
        {
            return unknown;
        }

        var names = await catalog.ListAsync(cancellationToken);
        return names.Count == 0 ? $"{unknown} It knows no service at all." : $"{unknown} It knows: {string.Join(", ", names)}.";
    }

    private async Task<ServiceSnapshot> FirstAsync(string service, CancellationToken cancellationToken)
    {
        await foreach (var snapshot in resolver.WatchAsync(service, cancellationToken))
        {
            return snapshot;
        }

        throw new RegistryUnavailableException(resolver.Source, "its watch ended without an answer.");
    }

    private async Task<T> LimitAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await ask(either.Token);
        }
        catch (OperationCanceledException e) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw ToolException.Discovery($"The registry '{resolver.Source}' did not answer within {Patience.TotalSeconds:0} s.", e);
        }
    }
}
