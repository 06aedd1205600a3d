using Micro.Discovery;
using Micro.Internal;
using Micro.Rpc;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Micro.Hosting;

/// <summary>What the lifecycle needs of the host, looked up only when it is needed: a process that serves nothing needs no registry.</summary>
internal sealed class LifecycleServices(
    IServiceProvider provider,
    TimeProvider clock,
    RandomSource random,
    IOptions<MicroInstanceOptions> options,
    IOptions<RpcServerOptions> serverOptions)
{
    public IServiceRegistry Registry => provider.GetRequiredService<IServiceRegistry>();

    public MicroInstanceOptions Options => options.Value;

    public RpcServerOptions ServerOptions => serverOptions.Value;

    public ServiceInstance Describe(string service, IEnumerable<Uri> addresses) =>
        new(service, $"{service}-{random.Next():x16}", addresses, Options.Version, Options.Metadata);

    public TimeProvider Clock => clock;

    public Task DelayAsync(TimeSpan delay, CancellationToken cancellationToken) => Task.Delay(delay, clock, cancellationToken);

    /// <summary>
    /// The checks tagged ready, without Micro's own, which follows from the answer. One that takes longer than <see cref="MicroInstanceOptions.HealthInterval"/>
    /// fails, and is not waited for.
    /// </summary>
    public async Task<bool> IsHealthyAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            var report = await provider.GetRequiredService<HealthCheckService>()
                .CheckHealthAsync(check => check.Tags.Contains("ready") && check.Name != MicroReadiness.Name, stop.Token)
                .WaitAsync(Options.HealthInterval, clock, cancellationToken);
            return report.Status != HealthStatus.Unhealthy;
        }
        catch (TimeoutException)
        {
            await stop.CancelAsync();
            return false;
        }
    }
}
