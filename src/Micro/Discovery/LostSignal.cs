namespace Micro.Discovery;

/// <summary>The token behind <see cref="IServiceRegistration.Lost"/>: it fires once per loss and is renewed once the registration is back.</summary>
internal sealed class LostSignal
{
    private CancellationTokenSource _source = new();

    public CancellationToken Token => Volatile.Read(ref _source).Token;

    public bool HasFired => Volatile.Read(ref _source).IsCancellationRequested;

    /// <summary>
    /// The token is cancelled when this returns; its callbacks run elsewhere, because whoever keeps the registration alive must not run a
    /// stranger's code. What a callback throws is reported as an unobserved task exception.
    /// </summary>
    public void Fire() => _ = Volatile.Read(ref _source).CancelAsync();

    public void Renew()
    {
        if (HasFired)
        {
            Volatile.Write(ref _source, new CancellationTokenSource());
        }
    }
}
