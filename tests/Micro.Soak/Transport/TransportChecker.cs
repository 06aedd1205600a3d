using System.Diagnostics;

namespace Micro.Soak.Transport;

/// <summary>Compares what callers saw with what the ledger says of the handlers (TRN-4, TRN-5).</summary>
internal sealed class TransportChecker(SoakChecks checks, SoakHistory history)
{
    private static readonly TimeSpan Bound = TimeSpan.FromMilliseconds(50);

    /// <summary>Whether times are measured and judged: not while everything is done for the first time.</summary>
    public bool IsWarm { get; set; }

    /// <summary>From the caller's cancelling to the handler's token, as measured.</summary>
    public SoakDistribution Reach { get; } = new();

    /// <summary>The same less what the machine stalled and the round trip.</summary>
    public SoakDistribution ReachLessStalls { get; } = new();

    /// <summary>From the caller's cancelling to its exception.</summary>
    public SoakDistribution Return { get; } = new();

    /// <summary>By how much deadlines were exceeded at the caller.</summary>
    public SoakDistribution Overrun { get; } = new();

    /// <summary>Of a call that its caller cancelled, as soon as it is over.</summary>
    public void Returned(TransportCall call, StallClock stalls)
    {
        checks.Count("attempted");
        if (call.Cancelled == 0)
        {
            checks.Violate("ended", $"{call.Name} was over before it was cancelled: {call.Failure?.Message}");
            return;
        }

        checks.Count("cancelled");
        if (call.Failure is not (null or OperationCanceledException))
        {
            checks.Violate("outcome", $"{call.Name} was cancelled and ended with {call.Failure.Message}");
        }

        if (!IsWarm)
        {
            return;
        }

        var took = Stopwatch.GetElapsedTime(call.Cancelled, call.Returned);
        Return.Add(took);
        if (took > Bound && took > Bound + stalls.Between(call.Cancelled, call.Returned))
        {
            checks.Violate("return", $"{call.Name} returned {took.TotalMilliseconds:0} ms after it was cancelled, {stalls.Between(call.Cancelled, call.Returned).TotalMilliseconds:0} ms of them stalled");
        }
    }

    /// <summary>Of a call that ran into its deadline, as soon as it is over.</summary>
    public void Expired(TransportCall call, TimeSpan timeout, StallClock own)
    {
        checks.Count("attempted");
        checks.Count("expired");
        if (call.Failure is not CallException { Code: CallStatusCode.DeadlineExceeded })
        {
            checks.Violate("outcome", $"{call.Name} had {timeout.TotalMilliseconds:0} ms and ended after {call.Took.TotalMilliseconds:0} ms with {call.Failure?.Message}");
        }

        if (!IsWarm)
        {
            return;
        }

        var overrun = call.Took - timeout;
        Overrun.Add(overrun);
        if (overrun > Bound && overrun > Bound + own.Between(call.Began, call.Returned))
        {
            checks.Violate("TRN-4", $"{call.Name} had {timeout.TotalMilliseconds:0} ms and took {call.Took.TotalMilliseconds:0} ms, {own.Between(call.Began, call.Returned).TotalMilliseconds:0} ms of them stalled");
        }
    }

    /// <summary>Of any call, some seconds after it ended.</summary>
    /// <param name="call">The call.</param>
    /// <param name="peer">Its server.</param>
    /// <param name="isTimed">Whether the server ran all the time.</param>
    public void Settled(TransportCall call, TransportPeer peer, bool isTimed)
    {
        if (peer.Ledger.Read(call.Id) is not { } handler)
        {
            return; // cancelled before the handler knew which call it is
        }

        checks.Count("handlers");
        var at = SoakHistory.Now;
        if (handler.Ended == 0)
        {
            checks.Violate("TRN-5", $"the handler of {call.Name} still runs {Stopwatch.GetElapsedTime(call.Returned).TotalMilliseconds:0} ms after its call ended");
            return;
        }

        if (call.Cancelled == 0 || !isTimed)
        {
            return;
        }

        // One that saw no token fire was told by the stream's end: an enumerator that was disposed.
        checks.Count("cancelled_in_handler");
        var told = handler.Fired == 0 ? handler.Ended : handler.Fired;
        if (!IsWarm)
        {
            return;
        }

        var reach = Stopwatch.GetElapsedTime(call.Cancelled, told);
        Reach.Add(reach);
        var stalled = reach < Bound ? TimeSpan.Zero : peer.Stalls.Between(call.Cancelled, told);
        ReachLessStalls.Add(reach - stalled);
        if (reach > Bound + call.Target.RoundTrip + stalled)
        {
            history.Add("reach", call.Name, at, at, new { reach.TotalMilliseconds, stalled = stalled.TotalMilliseconds, trip = call.Target.RoundTrip.TotalMilliseconds });
            checks.Violate("TRN-5", $"{call.Name}: {reach.TotalMilliseconds:0} ms from cancelling to the handler, {stalled.TotalMilliseconds:0} ms of them stalled, at a round trip of {call.Target.RoundTrip.TotalMilliseconds:0} ms");
        }
    }
}
