namespace Micro.Transport;

/// <summary>The client half of a transport: makes connections to addresses of its scheme. Thread-safe; made once, by dependency injection.</summary>
public interface IClientTransport
{
    /// <summary>Scheme of the addresses it serves, without suffix: <c>grpc</c>, <c>http</c>, <c>inproc</c>. See <see cref="MicroAddress"/>.</summary>
    string Scheme { get; }

    /// <summary>
    /// Makes a connection object for one address of one service. Cheap and without I/O: connecting happens with the first call, and again after
    /// the peer was away. The caller disposes it when the instance left and its last call ended.
    /// </summary>
    /// <param name="address">An address whose scheme is this transport's.</param>
    /// <param name="target">Whom it leads to, and how to secure the way there.</param>
    /// <exception cref="MicroAddressException">The address cannot be used; the message says why.</exception>
    IClientConnection Connect(Uri address, ConnectionTarget target);
}
