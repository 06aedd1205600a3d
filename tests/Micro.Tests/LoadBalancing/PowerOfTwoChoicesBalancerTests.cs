using Micro.Internal;
using Micro.LoadBalancing;
using Micro.Testing.LoadBalancing;

namespace Micro.Tests.LoadBalancing;

public sealed class PowerOfTwoChoicesBalancerTests : LoadBalancerConformance
{
    protected override string Name => LoadBalancers.PowerOfTwoChoices;

    protected override ILoadBalancer Create() => new PowerOfTwoChoicesBalancer();

    [Fact]
    public void Of_two_instances_the_one_with_fewer_calls_in_flight_wins_always()
    {
        var (random, candidates) = (new RandomSource(51), Instances(2));
        candidates[0].Begin();
        Assert.All(Enumerable.Range(0, 1000), _ => Assert.Equal(1, Pick(candidates, random)));
        candidates[1].Begin();
        candidates[1].Begin();
        Assert.All(Enumerable.Range(0, 1000), _ => Assert.Equal(0, Pick(candidates, random)));
    }

    [Fact]
    public void The_busiest_of_all_is_never_picked()
    {
        // The two choices are different ones: else both could be the busiest.
        var (random, candidates) = (new RandomSource(52), Instances(10));
        candidates[4].Begin();
        Assert.All(Enumerable.Range(0, 10_000), _ => Assert.NotEqual(4, Pick(candidates, random)));
    }

    [Fact]
    public void Every_pair_is_chosen_equally_often()
    {
        // With calls in flight in the order of the index, the lower of a pair wins: instance i wins against the n - 1 - i that are above it.
        var (random, candidates, counts) = (new RandomSource(53), Instances(5), new int[5]);
        for (var i = 0; i < 5; i++)
        {
            for (var calls = 0; calls < i; calls++)
            {
                candidates[i].Begin();
            }
        }

        for (var i = 0; i < 10_000; i++)
        {
            counts[Pick(candidates, random)]++;
        }

        Assert.Equal(0, counts[4]);
        Assert.All(Enumerable.Range(0, 4), i => Assert.InRange(counts[i], 1000 * (4 - i) - 150, 1000 * (4 - i) + 150));
    }

    [Fact]
    public void A_slow_instance_gets_fewer_calls_than_its_share()
    {
        // Each round starts one call; those of the slow instance take 40 rounds, the others 8.
        var (random, candidates) = (new RandomSource(54), Instances(10));
        var ends = new PriorityQueue<InstanceState, int>();
        for (var now = 0; now < 20_000; now++)
        {
            while (ends.TryPeek(out var ended, out var at) && at <= now)
            {
                ends.Dequeue();
                ended.Complete();
            }

            var state = candidates[Pick(candidates, random)];
            state.Begin();
            ends.Enqueue(state, now + (state == candidates[0] ? 40 : 8));
        }

        Assert.True(candidates[0].Calls < 0.6 * 2000, $"{candidates[0].Calls} calls");
    }

    private static int Pick(InstanceState[] candidates, RandomSource random) => new PowerOfTwoChoicesBalancer().Pick(candidates, new PickContext(random.Next()));
}
