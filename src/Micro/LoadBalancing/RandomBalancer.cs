namespace Micro.LoadBalancing;

/// <summary>
/// Without a key a fresh uniform choice for each pick: as those tried are no candidates any more, the retries of a call walk along a shuffled order.
/// With a key the rendezvous order, which a retry walks on along for the same reason.
/// </summary>
internal sealed class RandomBalancer : ILoadBalancer
{
    public string Name => LoadBalancers.Random;

    public int Pick(ReadOnlySpan<InstanceState> candidates, in PickContext context) =>
        context.HasKey ? RendezvousBalancer.Highest(candidates, context.KeyHash) : context.Index(candidates.Length);
}
