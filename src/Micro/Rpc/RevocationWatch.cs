namespace Micro.Rpc;

/// <summary>
/// Asks again for a stream whenever the rules change, and ends it when its caller may not call any more (RBAC-7), or its token ran out.
/// </summary>
internal sealed class RevocationWatch : IDisposable
{
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(40);

    private readonly CallAuthorization _authorization;
    private readonly Caller _caller;
    private readonly ServerMethod _method;
    private readonly CallCancellation _cancellation;
    private readonly Lock _gate = new();
    private CancellationTokenRegistration _registration;
    private CancellationToken _watched;
    private bool _disposed;
    private volatile bool _revoked;
    private ITimer? _expiry;

    private RevocationWatch(CallAuthorization authorization, Caller caller, ServerMethod method, CallCancellation cancellation)
    {
        _authorization = authorization;
        _caller = caller;
        _method = method;
        _cancellation = cancellation;
    }

    /// <summary>True when that is why the call was cancelled.</summary>
    public bool IsRevoked => _revoked;

    public static RevocationWatch Start(CallAuthorization authorization, in RecognizedCaller recognized, ServerMethod method, CallCancellation cancellation, TimeProvider clock)
    {
        var watch = new RevocationWatch(authorization, recognized.Caller, method, cancellation);
        watch.Ask();
        if (recognized.NotAfter is { } end)
        {
            // A token speaks for the caller only for so long (TOK-3); the largest timer is 49 days.
            var left = end - clock.GetUtcNow();
            watch._expiry = clock.CreateTimer(
                static state => ((RevocationWatch)state!).Revoke(), watch, left < TimeSpan.Zero ? TimeSpan.Zero : left < LongestTimer ? left : LongestTimer, Timeout.InfiniteTimeSpan);
        }

        return watch;
    }

    public void Dispose()
    {
        CancellationTokenRegistration registration;
        lock (_gate)
        {
            _disposed = true;
            registration = _registration;
        }

        registration.Unregister();
        _expiry?.Dispose();
    }

    private void Ask()
    {
        // First watch, then ask: a change in between asks once more and is not missed.
        if (Watch() && !_authorization.IsAllowed(_caller, _method.Resource))
        {
            Revoke();
        }
    }

    private void Revoke()
    {
        _revoked = true;

        // Callbacks of the handler's token run there: one that is slow must not keep other streams open.
        ThreadPool.UnsafeQueueUserWorkItem(static cancellation => cancellation.Cancel(), _cancellation, preferLocal: false);
    }

    private bool Watch()
    {
        lock (_gate)
        {
            var changed = _authorization.Changed;
            if (_disposed)
            {
                return false;
            }

            // A token that has fired and was not replaced would fire for ever.
            if (changed != _watched && !changed.IsCancellationRequested)
            {
                _watched = changed;
                _registration = changed.UnsafeRegister(static watch => ((RevocationWatch)watch!).Ask(), this);
            }

            return true;
        }
    }
}
