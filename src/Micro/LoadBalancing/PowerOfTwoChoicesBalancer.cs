namespace Micro.LoadBalancing;

/// <summary>
/// Two different random candidates, of which the one with fewer calls in flight wins: slow instances get less without anybody looking at all of them.
/// Ignores the key. Source: Mitzenmacher, "The power of two choices in randomized load balancing" (2001).
/// </summary>
internal sealed class PowerOfTwoChoicesBalancer : ILoadBalancer
{
    public string Name => LoadBalancers.PowerOfTwoChoices;

    public int Pick(ReadOnlySpan<InstanceState> candidates, in PickContext context)
    {
        if (candidates.Length == 1)
        {
            return 0;
        }

        // The high half of the random bits makes the first choice, the low half the second one among the others.
        var first = context.Index(candidates.Length);
        var second = (int)(((context.Random & uint.MaxValue) * (ulong)(candidates.Length - 1)) >> 32);
        if (second >= first)
        {
            second++;
        }

        // Which of the two came first is random already, so keeping it is a fair answer to a tie.
        return candidates[second].InFlight < candidates[first].InFlight ? second : first;
    }
}
