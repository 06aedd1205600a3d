using Micro.Internal;
using Micro.LoadBalancing;
using Xunit;

namespace Micro.Testing.LoadBalancing;

/// <summary>What a balancer that follows keys owes besides: the same instance for the same key, and few keys that move when an instance comes or goes.</summary>
public abstract class KeyedLoadBalancerConformance : LoadBalancerConformance
{
    private const int Keys = 100_000;

    /// <summary>LB-1: the key alone decides, not the randomness, the attempt, the counters or the balancer object.</summary>
    [Fact]
    public void LB_1_The_same_key_picks_the_same_instance()
    {
        var (one, other, random) = (Create(), Create(), new RandomSource(11));
        var candidates = Instances(10);
        for (var i = 0; i < 2000; i++)
        {
            var key = InstanceState.HashOf($"customer-{i}");
            var expected = one.Pick(candidates, new PickContext(random.Next(), key, HasKey: true));
            candidates[expected].Begin();
            Assert.Equal(expected, one.Pick(candidates, new PickContext(random.Next(), key, HasKey: true)));
            Assert.Equal(expected, other.Pick(Instances(10), new PickContext(random.Next(), key, HasKey: true, Attempt: i % 3)));
        }
    }

    /// <summary>LB-1: a new eleventh instance takes its share of the keys and few others move.</summary>
    [Fact]
    public void LB_1_Adding_one_of_n_instances_moves_few_keys() => AssertMoves(Instances(10), Instances(11), 1.0 / 11);

    /// <summary>LB-1: one of ten leaves.</summary>
    [Fact]
    public void LB_1_Removing_one_of_n_instances_moves_few_keys()
    {
        var all = Instances(10);
        foreach (var leaves in (int[])[0, 4, 9])
        {
            AssertMoves(all, [.. all.Where((_, i) => i != leaves)], 1.0 / 10);
        }
    }

    /// <summary>L08: a retry goes where the key would have gone without the instance that failed.</summary>
    [Fact]
    public void L08_Retries_with_a_key_walk_on_along_one_order()
    {
        var (balancer, random) = (Create(), new RandomSource(12));
        for (var i = 0; i < 200; i++)
        {
            var key = random.Next();
            Assert.Equal(Walk(balancer, Instances(7), random.Next, key), Walk(balancer, Instances(7), random.Next, key));
        }
    }

    private void AssertMoves(InstanceState[] before, InstanceState[] after, double share)
    {
        var (balancer, random) = (Create(), new RandomSource(13));
        var moved = 0;
        for (var i = 0; i < Keys; i++)
        {
            var context = new PickContext(random.Next(), InstanceState.HashOf($"key/{i}"), HasKey: true);
            moved += before[balancer.Pick(before, context)].Instance.Id == after[balancer.Pick(after, context)].Instance.Id ? 0 : 1;
        }

        // Fewer than half of the share would mean that the instances are not used evenly.
        Assert.InRange(moved, share / 2 * Keys, (share + 0.05) * Keys);
    }
}
