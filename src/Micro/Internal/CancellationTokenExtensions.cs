namespace Micro.Internal;

/// <summary>Waiting for a token that is a signal.</summary>
internal static class CancellationTokenExtensions
{
    /// <summary>Completes when the token fires.</summary>
    /// <exception cref="OperationCanceledException">The other token fired first.</exception>
    public static async Task WhenCancelledAsync(this CancellationToken signal, CancellationToken cancellationToken)
    {
        var fired = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = signal.UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetResult(), fired);
        await fired.Task.WaitAsync(cancellationToken);
    }
}
