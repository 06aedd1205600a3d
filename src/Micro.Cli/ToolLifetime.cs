using Microsoft.Extensions.Hosting;

namespace Micro.Cli;

/// <summary>The host ends with the command, and Ctrl-C is the command line's: the host's own handling of signals stays out.</summary>
internal sealed class ToolLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
