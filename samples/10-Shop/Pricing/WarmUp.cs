using Shop.Contracts;

namespace Shop.Pricing;

/// <summary>
/// Asks the catalogue something before this instance is registered, which happens after all hosted services have started. So its first customer finds it connected, and
/// an instance that cannot reach the catalogue is not found at all.
/// </summary>
internal sealed class WarmUp(ICatalogue catalogue) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => catalogue.FindAsync(new ProductQuery([]), cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
