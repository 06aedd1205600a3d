using Micro.Internal;
using Micro.LoadBalancing;
using Micro.Testing.LoadBalancing;

namespace Micro.Tests.LoadBalancing;

public sealed class RoundRobinBalancerTests : LoadBalancerConformance
{
    private readonly RandomSource _random = new(41);

    protected override string Name => LoadBalancers.RoundRobin;

    protected override ILoadBalancer Create() => new RoundRobinBalancer(_random.Next());

    [Fact]
    public void L05_It_cycles_and_wraps_from_a_random_start()
    {
        foreach (var count in (int[])[2, 3, 7, 10, 100])
        {
            var starts = new HashSet<int>();
            for (var round = 0; round < 60; round++)
            {
                var (balancer, candidates) = (Create(), Instances(count));
                var first = Pick(balancer, candidates);
                starts.Add(first);
                for (var i = 1; i <= 3 * count; i++)
                {
                    Assert.Equal((first + i) % count, Pick(balancer, candidates));
                }
            }

            Assert.True(starts.Count >= Math.Min(count, 20), $"{starts.Count} starts of {count}");
        }
    }

    [Fact]
    public void L05_The_order_holds_for_a_long_time()
    {
        foreach (var count in (int[])[3, 7, 11, 100])
        {
            var (balancer, candidates) = (Create(), Instances(count));
            var last = Pick(balancer, candidates);
            for (var i = 0; i < 200_000; i++)
            {
                var next = Pick(balancer, candidates);
                Assert.Equal((last + 1) % count, next);
                last = next;
            }
        }
    }

    [Fact]
    public void LB_1_Over_all_threads_of_the_process_no_instance_is_ahead_by_more_than_one()
    {
        var (balancer, candidates) = (Create(), Instances(7));
        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, _ =>
        {
            for (var i = 0; i < 25_001; i++)
            {
                candidates[Pick(balancer, candidates)].Begin();
            }
        });
        Assert.Equal(100_004, candidates.Sum(state => state.Calls));
        Assert.InRange(candidates.Max(state => state.Calls) - candidates.Min(state => state.Calls), 0, 1);
    }

    [Fact]
    public void LB_1_A_membership_that_flaps_does_not_favour_anyone()
    {
        // With a counter taken modulo the number of candidates, the picks over two would all have the same parity.
        var (balancer, three) = (Create(), Instances(3));
        var counts = new int[2];
        for (var i = 0; i < 6000; i++)
        {
            counts[Pick(balancer, three.AsSpan(0, 2))]++;
            Pick(balancer, three);
        }

        Assert.InRange(counts.Max() / counts.Average(), 1, 1.05);
    }

    [Fact]
    public void LB_1_Retries_do_not_shift_the_turns_of_first_attempts()
    {
        foreach (var count in (int[])[2, 3, 5])
        {
            var (balancer, all, first) = (Create(), Instances(count), new int[count]);
            for (var i = 0; i < 100 * count; i++)
            {
                var picked = Pick(balancer, all);
                first[picked]++;
                if (picked == 0)
                {
                    balancer.Pick(all.AsSpan(1), new PickContext(_random.Next(), Attempt: 1));
                }
            }

            Assert.All(first, calls => Assert.Equal(100, calls));
        }
    }

    private int Pick(ILoadBalancer balancer, ReadOnlySpan<InstanceState> candidates) => balancer.Pick(candidates, new PickContext(_random.Next()));
}
