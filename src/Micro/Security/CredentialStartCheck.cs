using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Micro.Security;

/// <summary>
/// Chooses where credentials come from when the host starts, and makes it, so that a choice, a file or a key that cannot work stops the start instead of the first
/// call. A host that allows plaintext needs no credentials, so there only the choice is checked.
/// </summary>
internal sealed class CredentialStartCheck(IServiceProvider services, IOptions<MicroSecurityOptions> options) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        services.GetRequiredService<CredentialSelection>();
        if (!options.Value.Insecure && services.GetRequiredService<ICredentialSource>() is IAwaitedCredentials awaited)
        {
            await awaited.FirstAsync(cancellationToken);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
