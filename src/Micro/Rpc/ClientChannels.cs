using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace Micro.Rpc;

/// <summary>
/// The channels of all services this process calls, one for each pair of caller and called: with the caller goes the certificate its connections are made with. Closed
/// with the host.
/// </summary>
internal sealed class ClientChannels(
    ClientServices services, IOptionsMonitor<RpcClientOptions> options, IEnumerable<ConfiguredClient> clients, IEnumerable<LocalService> own) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<(string Caller, string Service), Lazy<ClientChannel>> _channels = new();
    private readonly HashSet<string> _configured = [.. clients.Select(client => client.Service)];
    private readonly string _first = own.First().Name;

    private volatile bool _disposed;

    /// <param name="service">Whom to call.</param>
    /// <param name="caller">Whose calls they are; null: those of the first <c>AddMicro</c>.</param>
    public ClientChannel For(string service, string? caller = null)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _channels.GetOrAdd(
            (caller ?? _first, service),
            pair => new Lazy<ClientChannel>(() => new ClientChannel(pair.Service, pair.Caller, OptionsOf(pair.Service), services))).Value;
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
