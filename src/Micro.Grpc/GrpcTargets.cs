using System.Collections.Concurrent;

namespace Micro.Grpc;

/// <summary>The URIs of the methods at one address, most of them made once.</summary>
internal sealed class GrpcTargets(Uri channel)
{
    // Methods of contracts are few; tools that make up paths must not fill the memory.
    private const int MaxKept = 1024;

    private readonly ConcurrentDictionary<string, Uri> _uris = new(StringComparer.Ordinal);

    public Uri Channel => channel;

    public Uri Of(CallSpec spec)
    {
        if (_uris.TryGetValue(spec.Path, out var uri))
        {
            return uri;
        }

        // The path goes out byte for byte: what a Uri makes of it may be the path of another method.
        uri = new Uri(channel.GetLeftPart(UriPartial.Authority) + spec.Path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        return _uris.Count < MaxKept ? _uris.GetOrAdd(spec.Path, uri) : uri;
    }
}
