using Micro.Internal;

namespace Micro.Security;

/// <summary>
/// Watches over the peer of an open connection: when a newer trust bundle no longer trusts it (its root is gone, it was revoked), the connection is ended, within a
/// second of the bundle's coming (ID-8). A peer that stays trusted costs a registration with the credential, nothing else.
/// </summary>
internal sealed class PeerWatch : IDisposable
{
    private readonly PeerSecurity _security;
    private readonly ServiceIdentity _own;
    private readonly PeerIdentity _peer;
    private readonly Action<string> _end;
    private readonly CancellationTokenSource _stop = new();

    private PeerWatch(PeerSecurity security, ServiceIdentity own, PeerIdentity peer, Action<string> end)
    {
        _security = security;
        _own = own;
        _peer = peer;
        _end = end;
    }

    /// <param name="security">Where newer bundles come from.</param>
    /// <param name="own">This side of the connection.</param>
    /// <param name="credential">What the peer was held against.</param>
    /// <param name="peer">The peer, verified.</param>
    /// <param name="end">Ends the connection; gets the reason. May be called on any thread.</param>
    public static PeerWatch Start(PeerSecurity security, ServiceIdentity own, ServiceCredential credential, PeerIdentity peer, Action<string> end)
    {
        var watch = new PeerWatch(security, own, peer, end);
        _ = watch.FollowAsync(credential);
        return watch;
    }

    // Not disposed: the loop may be looking at it. It has no timer.
    public void Dispose() => _stop.Cancel();

    private async Task FollowAsync(ServiceCredential credential)
    {
        try
        {
            while (true)
            {
                await credential.Superseded.WhenCancelledAsync(_stop.Token);
                credential = await _security.Credentials.GetAsync(_own, _stop.Token);
                if (!credential.Bundle.StillTrusts(_peer))
                {
                    _security.PeerDropped(_peer, "it is trusted no more: its root is gone or it was revoked");
                    _end("it is trusted no more");
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The connection is closed.
        }
        catch (Exception failure)
        {
            // Whoever cannot be watched is not to be trusted.
            _security.PeerDropped(_peer, $"it cannot be watched over: {failure.Message}");
            _end("it cannot be watched over");
        }
    }
}
