namespace Micro.Security;

/// <summary>
/// The newest credential of one identity. Whoever holds the one before is told when it is superseded, after the new one can be had. Readers take one reference;
/// one thread at a time publishes.
/// </summary>
internal sealed class HeldCredential
{
    private volatile Held? _current;

    /// <summary>Null before the first.</summary>
    public Held? Current => _current;

    /// <summary>Guards <see cref="Pending"/> and publishing.</summary>
    public Lock Gate { get; } = new();

    /// <summary>The first one being made; many who ask at once wait for the same.</summary>
    public Task<ServiceCredential>? Pending { get; set; }

    /// <param name="make">Gets the token that fires when the credential is superseded.</param>
    /// <param name="renewAt">When a new leaf is due.</param>
    /// <param name="issuer">Fingerprint of the root that signed the leaf; empty when not known.</param>
    public ServiceCredential Publish(Func<CancellationToken, ServiceCredential> make, DateTimeOffset renewAt, string issuer)
    {
        // Never disposed: its token lives as long as somebody holds the credential.
        var superseded = new CancellationTokenSource();
        var credential = make(superseded.Token);
        var before = _current;
        _current = new Held(credential, new DateTimeOffset(credential.Leaf.NotAfter.ToUniversalTime()), renewAt, issuer, superseded);
        before?.Supersede();
        return credential;
    }

    /// <summary>Tries for a new leaf later.</summary>
    public void Postpone(DateTimeOffset renewAt) => _current = _current is { } current ? current with { RenewAt = renewAt } : null;

    /// <param name="Credential">The credential.</param>
    /// <param name="NotAfter">When its leaf is over.</param>
    /// <param name="RenewAt">When a new leaf is due.</param>
    /// <param name="Issuer">Fingerprint of the root that signed the leaf; empty when not known.</param>
    /// <param name="Superseded">Fires its token.</param>
    internal sealed record Held(ServiceCredential Credential, DateTimeOffset NotAfter, DateTimeOffset RenewAt, string Issuer, CancellationTokenSource Superseded)
    {
        // Callbacks run on the thread pool, so that none of them delays other credentials; what one throws is its owner's to know.
        public void Supersede() => Superseded.CancelAsync().ContinueWith(
            static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }
}
