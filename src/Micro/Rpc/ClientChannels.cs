using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace Micro.Rpc;

/// <summary>The channels of all services this process calls, one each. Closed with the host.</summary>
internal sealed class ClientChannels(
    ClientServices services, IOptionsMonitor<RpcClientOptions> options, IEnumerable<ConfiguredClient> clients) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<ClientChannel>> _channels = new(StringComparer.Ordinal);
    private readonly HashSet<string> _configured = [.. clients.Select(client => client.Service)];

    private volatile bool _disposed;

    public ClientChannel For(string service)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _channels.GetOrAdd(service, name => new Lazy<ClientChannel>(() => new ClientChannel(name, OptionsOf(name), services))).Value;
    }

    /// <summary>A service that was added as a client has options of its own; one that is called untyped has those of all.</summary>
    private RpcClientOptions OptionsOf(string service) => _configured.Contains(service) ? options.Get(service) : options.CurrentValue;

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        foreach (var channel in _channels.Values.Where(channel => channel.IsValueCreated))
        {
            await channel.Value.DisposeAsync();
        }
    }
}
