using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace Micro.AspNetCore.Hosting;

/// <summary>Finite limits where Kestrel has none (TRN-8), unless the host chose its own.</summary>
internal sealed class KestrelLimits(IOptions<MicroServerOptions> options) : IPostConfigureOptions<KestrelServerOptions>
{
    private static readonly KestrelServerLimits Untouched = new();

    public void PostConfigure(string? name, KestrelServerOptions kestrel)
    {
        var limits = kestrel.Limits;
        var wanted = options.Value;
        limits.MaxConcurrentConnections ??= wanted.MaxConcurrentConnections;
        limits.MaxConcurrentUpgradedConnections ??= wanted.MaxConcurrentConnections;
        limits.MaxRequestHeadersTotalSize = Choose(limits.MaxRequestHeadersTotalSize, Untouched.MaxRequestHeadersTotalSize, wanted.MaxHeaderBytes);
        limits.MaxRequestHeaderCount = Choose(limits.MaxRequestHeaderCount, Untouched.MaxRequestHeaderCount, wanted.MaxHeaderCount);
        limits.Http2.MaxStreamsPerConnection = Choose(limits.Http2.MaxStreamsPerConnection, Untouched.Http2.MaxStreamsPerConnection, wanted.MaxStreamsPerConnection);
        limits.Http2.KeepAlivePingDelay = Choose(limits.Http2.KeepAlivePingDelay, Untouched.Http2.KeepAlivePingDelay, wanted.KeepAlivePingDelay);
        limits.Http2.KeepAlivePingTimeout = Choose(limits.Http2.KeepAlivePingTimeout, Untouched.Http2.KeepAlivePingTimeout, wanted.KeepAlivePingTimeout);
        kestrel.AddServerHeader = false;
    }

    private static T Choose<T>(T value, T untouched, T wanted)
        where T : IEquatable<T> => value.Equals(untouched) ? wanted : value;
}
