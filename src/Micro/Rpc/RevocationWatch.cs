namespace Micro.Rpc;

/// <summary>Asks again for a stream whenever the rules change, and ends it when its caller may not call any more (RBAC-7).</summary>
internal sealed class RevocationWatch : IDisposable
{
    private readonly CallAuthorization _authorization;
    private readonly Caller _caller;
    private readonly ServerMethod _method;
    private readonly CallCancellation _cancellation;
    private readonly Lock _gate = new();
    private CancellationTokenRegistration _registration;
    private CancellationToken _watched;
    private bool _disposed;
    private volatile bool _revoked;

    private RevocationWatch(CallAuthorization authorization, Caller caller, ServerMethod method, CallCancellation cancellation)
    {
        _authorization = authorization;
        _caller = caller;
        _method = method;
        _cancellation = cancellation;
    }

    /// <summary>True when that is why the call was cancelled.</summary>
    public bool IsRevoked => _revoked;

    public static RevocationWatch Start(CallAuthorization authorization, Caller caller, ServerMethod method, CallCancellation cancellation)
    {
        var watch = new RevocationWatch(authorization, caller, method, cancellation);
        watch.Ask();
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
    }

    private void Ask()
    {
        // First watch, then ask: a change in between asks once more and is not missed.
        if (Watch() && !_authorization.IsAllowed(_caller, _method.Resource))
        {
            _revoked = true;

            // Callbacks of the handler's token run there: one that is slow must not keep other streams open.
            ThreadPool.UnsafeQueueUserWorkItem(static cancellation => cancellation.Cancel(), _cancellation, preferLocal: false);
        }
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
