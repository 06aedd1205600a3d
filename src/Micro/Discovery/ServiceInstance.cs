using System.Collections.Immutable;
using Micro.Transport;

namespace Micro.Discovery;

/// <summary>One running instance of a service. Immutable; equal when every part is.</summary>
public sealed class ServiceInstance : IEquatable<ServiceInstance>
{
    /// <summary>Most bytes of metadata, names and values together: 16 KiB.</summary>
    public const int MaxMetadataBytes = 16 * 1024;

    /// <summary>Describes an instance.</summary>
    /// <param name="service">Name of the service: 1 to 200 characters of letters, digits, <c>.</c>, <c>_</c>, <c>-</c>.</param>
    /// <param name="id">Unique within the service and stable for the life of the process.</param>
    /// <param name="addresses">Where it can be reached, preferred first.</param>
    /// <param name="version">Free text; <c>latest</c> by default.</param>
    /// <param name="metadata">Free names and values.</param>
    /// <exception cref="ArgumentException">A name is not valid or the metadata is too large.</exception>
    /// <exception cref="MicroAddressException">An address cannot be advertised.</exception>
    public ServiceInstance(
        string service,
        string id,
        IEnumerable<Uri> addresses,
        string? version = null,
        IEnumerable<KeyValuePair<string, string>>? metadata = null)
    {
        CheckName(service);
        ArgumentException.ThrowIfNullOrEmpty(id);
        Service = service;
        Id = id;
        Addresses = [.. addresses];
        Version = version ?? "latest";
        Metadata = metadata?.ToImmutableSortedDictionary(StringComparer.Ordinal) ?? ImmutableSortedDictionary<string, string>.Empty;
        foreach (var address in Addresses)
        {
            MicroAddress.CheckAdvertised(address);
        }

        var size = Metadata.Sum(pair => System.Text.Encoding.UTF8.GetByteCount(pair.Key) + System.Text.Encoding.UTF8.GetByteCount(pair.Value));
        if (size > MaxMetadataBytes)
        {
            throw new ArgumentException($"The metadata of '{id}' has {size} bytes; at most {MaxMetadataBytes} are allowed.", nameof(metadata));
        }
    }

    /// <summary>Name of the service.</summary>
    public string Service { get; }

    /// <summary>Identity of the instance within the service.</summary>
    public string Id { get; }

    /// <summary>Where it can be reached, preferred first. The scheme selects the transport.</summary>
    public ImmutableArray<Uri> Addresses { get; }

    /// <summary>Version of the service it runs.</summary>
    public string Version { get; }

    /// <summary>Free names and values, ordered by name.</summary>
    public ImmutableSortedDictionary<string, string> Metadata { get; }

    /// <summary>Checks a service name.</summary>
    /// <exception cref="ArgumentException">It is not valid; the message says what is allowed.</exception>
    public static void CheckName(string service)
    {
        ArgumentException.ThrowIfNullOrEmpty(service);
        if (service.Length > 200 || service.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or '-')))
        {
            throw new ArgumentException($"'{service}' is not a service name: 1 to 200 letters, digits, '.', '_' or '-'.", nameof(service));
        }
    }

    /// <inheritdoc/>
    public bool Equals(ServiceInstance? other) =>
        ReferenceEquals(this, other)
        || (other is not null && Service == other.Service && Id == other.Id && Version == other.Version
            && Addresses.SequenceEqual(other.Addresses) && Metadata.SequenceEqual(other.Metadata));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ServiceInstance);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Service, Id, Version, Addresses.Length);

    /// <summary>Service, id and addresses, for logs.</summary>
    public override string ToString() => $"{Service}/{Id} [{string.Join(", ", Addresses)}]";
}
