using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Micro.Transport;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace Micro.Discovery;

/// <summary>
/// Finds services in configuration: <c>Micro:Services:&lt;name&gt;:Addresses:0…</c>, or in short <c>Micro:Services:&lt;name&gt; = uri[,uri]</c>, which wins
/// over the long form. Every address is an instance, its text the id. Follows changes of the configuration; one that cannot be read leaves the
/// last good one in place.
/// </summary>
internal sealed partial class StaticServiceResolver : IServiceResolver, IServiceCatalog, IDisposable
{
    private const string Section = "Micro:Services";

    private readonly IConfiguration _configuration;
    private readonly ILogger<StaticServiceResolver> _logger;
    private readonly SnapshotFeed<FrozenDictionary<string, ServiceSnapshot>> _feed = new();
    private readonly IDisposable _subscription;

    /// <exception cref="RegistryUnavailableException">The configuration has a bad address; the message names its key.</exception>
    public StaticServiceResolver(IConfiguration configuration, ILogger<StaticServiceResolver> logger)
    {
        _configuration = configuration;
        _logger = logger;
        _feed.Publish(Read());
        _subscription = ChangeToken.OnChange(configuration.GetReloadToken, Reload);
    }

    public string Source => $"static (configuration {Section})";

    public async IAsyncEnumerable<ServiceSnapshot> WatchAsync(string service, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ServiceInstance.CheckName(service);
        ServiceSnapshot? last = null;
        await foreach (var services in _feed.WatchAsync(cancellationToken))
        {
            var snapshot = services.GetValueOrDefault(service) ?? new ServiceSnapshot(service, []);
            if (last is null || !last.Instances.SequenceEqual(snapshot.Instances))
            {
                yield return last = snapshot;
            }
        }
    }

    public ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken) =>
        new([.. _feed.Current!.Values.Select(snapshot => snapshot.Service).Order(StringComparer.Ordinal)]);

    public void Dispose() => _subscription.Dispose();

    private void Reload()
    {
        try
        {
            var services = Read();
            _feed.Publish(services);
            LogReloaded(services.Count);
        }
        catch (RegistryUnavailableException exception)
        {
            LogKept(exception);
        }
    }

    private FrozenDictionary<string, ServiceSnapshot> Read()
    {
        var services = new Dictionary<string, ServiceSnapshot>(StringComparer.OrdinalIgnoreCase);
        foreach (var section in _configuration.GetSection(Section).GetChildren())
        {
            var instances = Addresses(section)
                .Select(entry => Instance(section, entry.Key, entry.Text))
                .DistinctBy(instance => instance.Id)
                .OrderBy(instance => instance.Id, StringComparer.Ordinal)
                .ToImmutableArray();
            if (!instances.IsEmpty)
            {
                services.Add(section.Key, new ServiceSnapshot(section.Key, instances));
            }
        }

        return services.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }

    private static IEnumerable<(string Key, string Text)> Addresses(IConfigurationSection section)
    {
        if (!string.IsNullOrWhiteSpace(section.Value))
        {
            return section.Value
                .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                .Select(text => (section.Path, text));
        }

        return section.GetSection("Addresses").GetChildren().Select(child => (child.Path, child.Value ?? ""));
    }

    private ServiceInstance Instance(IConfigurationSection section, string key, string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address))
        {
            throw new RegistryUnavailableException(Source, $"{key} has '{text}', which is not an address like grpc+insecure://127.0.0.1:5001");
        }

        try
        {
            return new ServiceInstance(section.Key, text, [address]);
        }
        catch (Exception exception) when (exception is ArgumentException or MicroAddressException)
        {
            throw new RegistryUnavailableException(Source, $"{key} is not usable: {exception.Message}", exception);
        }
    }
}
