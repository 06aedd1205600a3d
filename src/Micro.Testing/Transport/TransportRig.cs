using System.Net;
using Micro.Transport;

namespace Micro.Testing.Transport;

/// <summary>
/// Both halves of a transport, running, for one case of <see cref="TransportConformance"/>. The case disposes it; disposing twice does nothing.
/// </summary>
public abstract class TransportRig : IAsyncDisposable
{
    /// <summary>Where the server half listens.</summary>
    public abstract Uri Address { get; }

    /// <summary>The client half.</summary>
    public abstract IClientTransport Client { get; }

    /// <summary>Whom connections lead to. Default: a service that is called in plaintext.</summary>
    public virtual ConnectionTarget Target { get; } = new("conformance");

    /// <summary>Connects to the server half, or to another address of this transport's scheme.</summary>
    public IClientConnection Connect(Uri? address = null) => Client.Connect(address ?? Address, Target);

    /// <summary>Largest message both halves take, in bytes. Default 4 MiB.</summary>
    public virtual int MaxMessageBytes => 4 * 1024 * 1024;

    /// <summary>
    /// Most bytes that may be under way when a reader stands still: windows, socket buffers and one message. Default 48 MiB, because the
    /// operating system grows the buffers of sockets by itself.
    /// </summary>
    public virtual long MaxBytesUnderWay => 48L * 1024 * 1024;

    /// <summary>
    /// The address, in this transport's scheme, of any TCP end point; null for a transport without sockets. With it the suite plays peers that
    /// refuse, freeze and vanish.
    /// </summary>
    public virtual Uri? SocketAddress(IPEndPoint endPoint) => null;

    /// <summary>
    /// Plays a hostile client on a socket of its own against the unary probe method, from the first byte to the server's answer or the end of the socket.
    /// </summary>
    /// <returns>Null when this transport has no such input.</returns>
    public virtual ValueTask<HostileOutcome?> SendHostileAsync(HostileInput input, CancellationToken cancellationToken) => new((HostileOutcome?)null);

    /// <summary>Disposes the listener: no new calls, and those running may end. Completes when they have.</summary>
    public abstract ValueTask StopAsync();

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();
}
