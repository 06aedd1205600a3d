namespace Micro.Transport;

/// <summary>The server half of a transport: takes calls from the wire and hands them to an acceptor. Made once, by dependency injection.</summary>
public interface IServerTransport
{
    /// <summary>
    /// Starts taking calls. Where to listen is the transport's own option (<c>Micro:Listen</c>). Returns when the addresses are bound and known.
    /// </summary>
    /// <param name="acceptor">Where calls go.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    /// <exception cref="MicroAddressException">An address is not valid, not local or in use; the message names it and says what to change.</exception>
    ValueTask<IServerListener> ListenAsync(ICallAcceptor acceptor, CancellationToken cancellationToken);
}
