using Micro.Discovery;

namespace Shop.Launcher;

internal static class ResolverExtensions
{
    /// <summary>Waits until the instances of a service are as wanted.</summary>
    /// <exception cref="TimeoutException">They are not, after that time.</exception>
    public static async Task<ServiceSnapshot> WaitForAsync(
        this IServiceResolver resolver, string service, Func<ServiceSnapshot, bool> wanted, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        try
        {
            return await resolver.WatchAsync(service, limit.Token).FirstAsync(wanted, limit.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The instances of {service} were not there within {patience.TotalSeconds:0} s.", e);
        }
    }
}
