using Micro.Internal;
using Micro.LoadBalancing;
using Micro.Testing.LoadBalancing;

namespace Micro.Tests.LoadBalancing;

public sealed class RandomBalancerTests : KeyedLoadBalancerConformance
{
    protected override string Name => LoadBalancers.Random;

    protected override ILoadBalancer Create() => new RandomBalancer();

    [Fact]
    public void L08_Without_a_key_each_call_walks_an_order_of_its_own()
    {
        var random = new RandomSource(21);
        var orders = Enumerable.Range(0, 2400).Select(_ => string.Join(' ', Walk(new RandomBalancer(), Instances(4), random.Next, null)));
        var counts = orders.CountBy(order => order).ToDictionary();

        // All 24 orders of four, each about 100 times.
        Assert.Equal(24, counts.Count);
        Assert.All(counts.Values, count => Assert.InRange(count, 55, 150));
    }
}
