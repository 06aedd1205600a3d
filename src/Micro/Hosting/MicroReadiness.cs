using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Micro.Hosting;

/// <summary>Ready once everything this process serves is listening and registered, until it drains (LIF-1, LIF-3).</summary>
internal sealed class MicroReadiness(MicroLifecycle lifecycle) : IHealthCheck
{
    public const string Name = "micro";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(lifecycle.IsReady
            ? HealthCheckResult.Healthy()
            : new HealthCheckResult(context.Registration.FailureStatus, lifecycle.IsDraining ? "draining" : "not registered yet"));
}
