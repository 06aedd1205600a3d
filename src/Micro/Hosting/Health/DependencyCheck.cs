using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Micro.Hosting.Health;

/// <summary>Passes when an attempt succeeds. The framework turns exceptions and late answers into the failure the registration asks for.</summary>
internal sealed class DependencyCheck(Func<CancellationToken, Task> attempt) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await attempt(cancellationToken);
        return HealthCheckResult.Healthy();
    }
}
