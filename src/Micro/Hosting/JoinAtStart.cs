using Micro.Rpc;
using Micro.Security;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Micro.Hosting;

/// <summary>
/// Joins the authority as each service of the process before it starts, so that a token that is refused or an authority that cannot be reached stops the start and not
/// the first call. Credentials of other sources are there or made at once, and need no such thing.
/// </summary>
internal sealed class JoinAtStart(IServiceProvider provider, IEnumerable<LocalService> own, IOptions<MicroSecurityOptions> options) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        var security = options.Value;
        if (security.Insecure || provider.GetRequiredService<CredentialSelection>().Provider.Name != CredentialProviders.Authority)
        {
            return;
        }

        var source = provider.GetRequiredService<ICredentialSource>();
        foreach (var service in own)
        {
            await source.GetAsync(ServiceIdentity.Create(security.TrustDomain, security.Namespace, service.Name), cancellationToken);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
