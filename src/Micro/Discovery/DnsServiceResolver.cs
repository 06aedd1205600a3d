using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Micro.Internal;
using Micro.Transport;
using Microsoft.Extensions.Logging;

namespace Micro.Discovery;

/// <summary>
/// Finds instances as the addresses (A and AAAA) of a host name, asked again after each interval. Every address is an instance with the id
/// <c>ip:port</c>. A host that exists without addresses is an empty answer; one that does not exist is an error.
/// </summary>
internal sealed partial class DnsServiceResolver : IServiceResolver
{
    private readonly DnsDiscoveryOptions _options;
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _lookUp;
    private readonly TimeProvider _time;
    private readonly RandomSource _random;
    private readonly ILogger<DnsServiceResolver> _logger;

    /// <param name="options">Checked here.</param>
    /// <param name="lookUp">Asks for the addresses of a host; throws <see cref="SocketException"/>. <see cref="Dns"/> outside tests.</param>
    /// <param name="time">The clock between look-ups.</param>
    /// <param name="random">Varies the interval.</param>
    /// <param name="logger">Gets addresses that are left out.</param>
    public DnsServiceResolver(
        DnsDiscoveryOptions options,
        Func<string, CancellationToken, Task<IPAddress[]>> lookUp,
        TimeProvider time,
        RandomSource random,
        ILogger<DnsServiceResolver> logger)
    {
        if (!Uri.CheckSchemeName(options.Scheme) || options.Port is < 0 or > 65535 || options.RefreshInterval <= TimeSpan.Zero)
        {
            throw new RegistryUnavailableException("dns", "Micro:Discovery:Dns needs a Scheme, a Port from 0 to 65535 and a positive RefreshInterval");
        }

        _options = options;
        _lookUp = lookUp;
        _time = time;
        _random = random;
        _logger = logger;
    }

    public string Source => "dns";

    public async IAsyncEnumerable<ServiceSnapshot> WatchAsync(string service, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ServiceInstance.CheckName(service);
        var (host, port) = Target(service);
        ServiceSnapshot? last = null;
        while (true)
        {
            var instances = Instances(service, await AddressesAsync(host, cancellationToken), port);
            if (last is null || !last.Instances.SequenceEqual(instances))
            {
                yield return last = new ServiceSnapshot(service, instances);
            }

            await Task.Delay(_random.Jitter(_options.RefreshInterval, 0.2), _time, cancellationToken);
        }
    }

    private (string Host, int Port) Target(string service)
    {
        var configured = _options.Hosts.GetValueOrDefault(service, service);
        if (!Uri.TryCreate($"dns://{configured}", UriKind.Absolute, out var target) || target.Host.Length == 0 || target.AbsolutePath != "/")
        {
            throw new RegistryUnavailableException(Source, $"Micro:Discovery:Dns:Hosts:{service} has '{configured}', which is not 'host' or 'host:port'");
        }

        var usual = _options.Port != 0 ? _options.Port : _options.Scheme.Contains("+insecure", StringComparison.Ordinal) ? 80 : 443;
        return (target.Host.Trim('[', ']'), target.Port > 0 ? target.Port : usual);
    }

    private async Task<IPAddress[]> AddressesAsync(string host, CancellationToken cancellationToken)
    {
        try
        {
            return await _lookUp(host, cancellationToken);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.NoData)
        {
            return [];
        }
        catch (SocketException exception)
        {
            var reason = exception.SocketErrorCode == SocketError.HostNotFound
                ? $"the host '{host}' is not known; set Micro:Discovery:Dns:Hosts:<service> if it has another name"
                : $"the host '{host}' cannot be looked up: {exception.Message}";
            throw new RegistryUnavailableException(Source, reason, exception);
        }
    }

    private ImmutableArray<ServiceInstance> Instances(string service, IPAddress[] addresses, int port)
    {
        var instances = new SortedDictionary<string, ServiceInstance>(StringComparer.Ordinal);
        foreach (var address in addresses)
        {
            var end = new IPEndPoint(address, port).ToString();
            try
            {
                instances[end] = new ServiceInstance(service, end, [new Uri($"{_options.Scheme}://{end}")]);
            }
            catch (MicroAddressException exception)
            {
                LogLeftOut(exception, end, service);
            }
        }

        return [.. instances.Values];
    }
}
