using Micro.Discovery;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Micro.Hosting.Health;

internal sealed class ServiceCheck(IServiceResolver resolver, string service) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await foreach (var snapshot in resolver.WatchAsync(service, cancellationToken))
        {
            return snapshot.Instances.Length > 0
                ? HealthCheckResult.Healthy()
                : new HealthCheckResult(context.Registration.FailureStatus, $"No instance of '{service}' is registered.");
        }

        return new HealthCheckResult(context.Registration.FailureStatus, $"The registry said nothing of '{service}'.");
    }
}
