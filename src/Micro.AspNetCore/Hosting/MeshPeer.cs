using Micro.Security;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Micro.AspNetCore.Hosting;

/// <summary>What is known of the peer of one mesh connection: who it is, which of our services it asked for, and what it was held against.</summary>
internal sealed record MeshPeer(PeerRecord Record, ServiceIdentity Own, ServiceCredential Credential)
{
    private static readonly object Key = new();

    private volatile bool _isDraining;

    /// <summary>Whether the next request of the connection is to be its last.</summary>
    public bool IsDraining
    {
        get => _isDraining;
        set => _isDraining = value;
    }

    /// <summary>The caller of every call on the connection; nobody when the verdict was against it.</summary>
    public Caller Caller => field ??= Record.Peer.Identity is { } identity ? new Caller(identity) : Caller.Anonymous;

    public void Keep(IDictionary<object, object?> items) => items[Key] = this;

    /// <summary>Null on a connection of another listener.</summary>
    public static MeshPeer? Of(IDictionary<object, object?> items) => items.TryGetValue(Key, out var peer) ? (MeshPeer?)peer : null;

    /// <summary>Who calls, as far as the connection proves.</summary>
    public static Caller CallerOf(HttpContext context) => Of(context)?.Caller ?? Caller.Anonymous;

    /// <summary>Null on a connection of another listener.</summary>
    public static MeshPeer? Of(HttpContext context) => context.Features.Get<IConnectionItemsFeature>()?.Items is { } items ? Of(items) : null;
}
