namespace Micro.Transport;

/// <summary>What a server transport needs of the server pipeline. Thread-safe.</summary>
public interface ICallAcceptor
{
    /// <summary>Every method that is served; does not change once listening.</summary>
    IReadOnlyCollection<CallRoute> Routes { get; }

    /// <summary>
    /// Looks a path up so that the transport can frame the call by its kind. The comparison is by bytes: only the canonical spelling is found.
    /// Finding says nothing about the right to call.
    /// </summary>
    CallRoute? Find(string path);

    /// <summary>
    /// Runs one call to its end, including writing its outcome. Never throws for anything the peer, a handler or an interceptor did.
    /// Also to be called for a path that was not found: the refusal is the acceptor's, as is telling <see cref="IncomingCall.Refusal"/> to those who may know it.
    /// Asking the stream for its headers says that the call is taken; an outcome before that is a refusal.
    /// </summary>
    ValueTask AcceptAsync(IncomingCall call);
}
