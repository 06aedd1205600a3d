using System.Collections.Frozen;
using Micro.Security;

namespace Micro.Grpc.Security;

/// <summary>What the agent said last, and what keeps it from saying more. Immutable but for <see cref="Next"/>.</summary>
/// <param name="held">The credentials in use; null before the first update, empty when they were taken back.</param>
/// <param name="problem">Why there is nothing newer; null when all is well.</param>
/// <param name="isHopeless">Waiting for the first update is of no use.</param>
internal sealed class WorkloadState(FrozenDictionary<ServiceIdentity, WorkloadState.Entry>? held, string? problem = null, bool isHopeless = false)
{
    private readonly TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public FrozenDictionary<ServiceIdentity, Entry>? Held => held;

    public string? Problem => problem;

    public bool IsHopeless => isHopeless;

    /// <summary>Completes when there is a newer state.</summary>
    public Task Next => _next.Task;

    public void Supersede() => _next.TrySetResult();

    /// <param name="Credential">What is handed out.</param>
    /// <param name="NotAfter">Until when.</param>
    /// <param name="Digest">Tells whether an update changes anything.</param>
    /// <param name="Superseded">Fires its token. Never disposed: the token lives as long as somebody holds the credential.</param>
    internal sealed record Entry(ServiceCredential Credential, DateTimeOffset NotAfter, string Digest, CancellationTokenSource Superseded)
    {
        // On the thread pool, so that no callback delays other credentials; what one throws is its owner's to know.
        public void Supersede() => Superseded.CancelAsync().ContinueWith(
            static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }
}
