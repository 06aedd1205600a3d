using Micro.LoadBalancing;
using Micro.Transport;

namespace Micro.Rpc;

/// <summary>
/// C4, the slow half: what was tried for one call and whether to try again. Made when the first attempt failed, so that a call that succeeds does not pay for it.
/// </summary>
internal sealed class CallAttempts(ClientChannel channel, CallSpec spec, CallContext context)
{
    // A server that asks for more is not waited for, whatever the deadline; and timers end at 49 days.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly List<CallAttempt> _tried = context.Tried ??= [];
    private readonly int _maxAttempts = context.Options?.MaxAttempts ?? channel.Options.MaxAttempts;
    private readonly List<string> _instances = [];

    public IReadOnlyList<CallAttempt> Tried => _tried;

    /// <summary>How the last attempt ended.</summary>
    public CallStatus LastStatus => _tried[^1].Status;

    /// <summary>Candidates that were not tried; null when there are none.</summary>
    public InstanceState[]? NotTried(ReadOnlySpan<InstanceState> candidates)
    {
        var left = new List<InstanceState>(candidates.Length);
        foreach (var candidate in candidates)
        {
            if (!_instances.Contains(candidate.Instance.Id))
            {
                left.Add(candidate);
            }
        }

        return left.Count == 0 ? null : [.. left];
    }

    /// <summary>Notes a failed attempt; its instance is not picked again while there is another.</summary>
    public void Add(in CallTarget target, CallStatus status)
    {
        _tried.Add(new CallAttempt(target.State.Instance.Id, target.Connection.Address, status));
        _instances.Add(target.State.Instance.Id);
    }

    /// <summary>
    /// Decides whether the call is sent again and waits the back-off. Only what may succeed elsewhere, only when it is safe (not processed, or the method is
    /// idempotent: LB-3), within the budget (LB-5) and not against the server's word (LB-6).
    /// </summary>
    public async ValueTask<bool> ShouldRetryAsync(CallEnd end, TimeSpan? remaining, CancellationToken cancellationToken)
    {
        var status = end.Status;
        if (_tried.Count >= _maxAttempts
            || !status.IsTransient
            || !(status.NotProcessed || spec.Idempotent)
            || end.RetryPushback < TimeSpan.Zero)
        {
            return false;
        }

        // What reached nobody puts no load on a server, and takes the instance out for a while; whatever a server answered needs the budget.
        if (status is not { NotProcessed: true, Code: CallStatusCode.Unavailable } && !channel.Budget.TryRetry())
        {
            return false;
        }

        var delay = channel.Backoff.Delay(_tried.Count, status.NotProcessed && HasAnother(), end.RetryPushback);
        if ((remaining is { } left && delay >= left) || delay > LongestWait)
        {
            return false;
        }

        if (delay > TimeSpan.Zero)
        {
            await Task.Delay(delay, channel.Services.Clock, cancellationToken);
        }

        return true;
    }

    public CallException Failure(CallStatus status) => new(status, null, _tried);

    private bool HasAnother() => channel.HasAnother(this);
}
