using System.Collections.Concurrent;

namespace Micro.Grpc;

/// <summary>The URIs of the methods at one address, made once each. Bounded by the number of distinct methods a process calls.</summary>
internal sealed class GrpcTargets(Uri channel)
{
    private readonly ConcurrentDictionary<string, Uri> _uris = new(StringComparer.Ordinal);

    public Uri Channel => channel;

    public Uri Of(CallSpec spec) => _uris.TryGetValue(spec.Path, out var uri) ? uri : _uris.GetOrAdd(spec.Path, new Uri(channel, spec.Path));
}
