namespace Micro.Security;

/// <summary>
/// Who is at the other end of one connection, as the handshake found out. The server lets TLS finish whatever the verdict is, so that a refused caller can be told
/// UNAUTHENTICATED: who serves calls has to look here first. Refuses until a verdict is there. Thread-safe.
/// </summary>
internal sealed class PeerRecord
{
    private static readonly PeerIdentity _unknown = PeerIdentity.Refused("no handshake has said who it is");
    private static readonly PeerIdentity _changed = PeerIdentity.Refused("it changed who it is on an open connection");

    private readonly Lock _lock = new();
    private PeerIdentity _peer = _unknown;

    public PeerIdentity Peer => Volatile.Read(ref _peer);

    /// <summary>Takes down a verdict. One connection has one peer: a later verdict can take what an earlier one gave, and never give more.</summary>
    public void Record(PeerIdentity verdict)
    {
        lock (_lock)
        {
            if (ReferenceEquals(_peer, _unknown) || (_peer.Identity is not null && verdict.Identity is null))
            {
                Volatile.Write(ref _peer, verdict);
            }
            else if (_peer.Identity is { } known && !known.Equals(verdict.Identity))
            {
                Volatile.Write(ref _peer, _changed);
            }
        }
    }
}
