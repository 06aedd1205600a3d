using Micro.Tokens.Verification;
using Microsoft.Extensions.Hosting;

namespace Micro.Tokens.Keys;

/// <summary>Keeps the keys of all issuers with an address fresh while the host runs.</summary>
internal sealed class RemoteKeyRefresher(TokenTrust trust) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(trust.Remote.Select(source => source.RunAsync(stoppingToken)));
}
