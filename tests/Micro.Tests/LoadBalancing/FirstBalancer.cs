using Micro.LoadBalancing;

namespace Micro.Tests.LoadBalancing;

/// <summary>The smallest balancer there can be: the first candidate, so the next one only after that one failed. Quoted in docs/load-balancing.md.</summary>
public sealed class FirstBalancer(string name) : ILoadBalancer
{
    public string Name => name;

    public int Pick(ReadOnlySpan<InstanceState> candidates, in PickContext context) => 0;
}
