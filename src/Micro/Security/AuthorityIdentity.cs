namespace Micro.Security;

/// <summary>One identity of a process that joined, as <see cref="AuthorityCredentialSource"/> keeps it.</summary>
internal sealed class AuthorityIdentity(ServiceIdentity identity)
{
    private volatile JoinedCredential? _joined;

    public ServiceIdentity Identity { get; } = identity;

    public HeldCredential Held { get; } = new();

    /// <summary>What is published in <see cref="Held"/>.</summary>
    public JoinedCredential? Joined => _joined;

    /// <summary>Why the last renewal failed; null when it did not.</summary>
    public string? Failure { get; set; }

    /// <summary>The last renewal; it does not fail. The timer's alone.</summary>
    public Task Renewal { get; set; } = Task.CompletedTask;

    /// <summary>Before that a failed join is not tried again. Guarded by the gate.</summary>
    public DateTimeOffset TryAgainAt { get; set; }

    public ServiceCredential? Valid(DateTimeOffset now) => Held.Current is { } current && current.NotAfter > now ? current.Credential : null;

    /// <summary>Holding the gate.</summary>
    public ServiceCredential Publish(JoinedCredential joined, DateTimeOffset renewAt)
    {
        _joined = joined;
        return Held.Publish(superseded => new ServiceCredential(Identity, joined.Leaf, joined.Chain[1..], joined.Trust, superseded), renewAt, "");
    }
}
