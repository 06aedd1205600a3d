using System.Collections.Immutable;

namespace Micro.Discovery;

/// <summary>All known instances of a service at one moment. Immutable.</summary>
/// <param name="Service">The service.</param>
/// <param name="Instances">Its instances ordered by id, ordinal; each id once. Empty means that there authoritatively are none.</param>
public sealed record ServiceSnapshot(string Service, ImmutableArray<ServiceInstance> Instances)
{
    /// <summary>True when the source is away and this is the last list it gave.</summary>
    public bool IsStale { get; init; }
}
