using System.Text.Json;
using Micro.Discovery;

namespace Micro.Sqlite.Discovery;

/// <summary>The columns of an instance that do not change while it is registered.</summary>
internal sealed record InstanceRow(string Service, string Id, string Version, string Addresses, string Metadata)
{
    public static InstanceRow Of(ServiceInstance instance) => new(
        instance.Service,
        instance.Id,
        instance.Version,
        JsonSerializer.Serialize([.. instance.Addresses.Select(address => address.OriginalString)], InstanceJson.Default.StringArray),
        JsonSerializer.Serialize(new Dictionary<string, string>(instance.Metadata), InstanceJson.Default.DictionaryStringString));

    /// <exception cref="JsonException">A column is not what this program writes.</exception>
    /// <exception cref="ArgumentException">It is no valid instance.</exception>
    /// <exception cref="Micro.Transport.MicroAddressException">An address cannot be used.</exception>
    /// <exception cref="UriFormatException">An address is none.</exception>
    public ServiceInstance ToInstance() => new(
        Service,
        Id,
        (JsonSerializer.Deserialize(Addresses, InstanceJson.Default.StringArray) ?? []).Select(address => new Uri(address)),
        Version,
        JsonSerializer.Deserialize(Metadata, InstanceJson.Default.DictionaryStringString));
}
