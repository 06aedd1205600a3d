using Micro.Discovery;
using Micro.Internal;
using Micro.LoadBalancing;
using Xunit;

namespace Micro.Testing.LoadBalancing;

/// <summary>
/// What every balancer owes. Derive a test class and say how one is made. All randomness is seeded: a failure repeats. Balancers that follow keys derive
/// <see cref="KeyedLoadBalancerConformance"/> instead.
/// </summary>
public abstract class LoadBalancerConformance
{
    private const int Picks = 100_000;

    // The 0.999 quantile of the chi-square distribution with 9 degrees of freedom: a fair balancer stays below it in 999 of 1,000 runs.
    private const double ChiSquareLimit = 27.877;

    /// <summary>Makes a new balancer.</summary>
    protected abstract ILoadBalancer Create();

    /// <summary>The name it must have.</summary>
    protected abstract string Name { get; }

    /// <summary>States of instances <c>i000</c>, <c>i001</c>, … in the order of their ids.</summary>
    protected static InstanceState[] Instances(int count, int from = 0) =>
        [.. Enumerable.Range(from, count).Select(i => new InstanceState(new ServiceInstance("orders", $"i{i:000}", [new Uri($"inproc://i{i:000}")])))];

    /// <summary>Pearson's statistic of counts that should be equal.</summary>
    protected static double ChiSquare(IReadOnlyCollection<int> counts)
    {
        ArgumentNullException.ThrowIfNull(counts);
        var expected = counts.Average();
        return counts.Sum(count => (count - expected) * (count - expected) / expected);
    }

    /// <summary>Fails unless counts of ten instances look like an even spread: chi-square p &gt; 0.001 and no instance above 1.05 of the mean.</summary>
    protected static void AssertEven(IReadOnlyCollection<int> counts)
    {
        ArgumentNullException.ThrowIfNull(counts);
        Assert.Equal(10, counts.Count);
        Assert.True(ChiSquare(counts) < ChiSquareLimit, $"chi-square {ChiSquare(counts):0.0}: {string.Join(' ', counts)}");
        Assert.True(counts.Max() <= 1.05 * counts.Average(), $"max/mean {counts.Max() / counts.Average():0.000}: {string.Join(' ', counts)}");
    }

    /// <summary>The name is the one it is configured by.</summary>
    [Fact]
    public void The_name_is_the_one_it_is_configured_by() => Assert.Equal(Name, Create().Name);

    /// <summary>LB-1 without keys.</summary>
    [Fact]
    public void LB_1_Picks_without_a_key_are_even()
    {
        var counts = new int[10];
        var (balancer, random, candidates) = (Create(), new RandomSource(1), Instances(10));
        for (var i = 0; i < Picks; i++)
        {
            counts[balancer.Pick(candidates, new PickContext(random.Next()))]++;
        }

        AssertEven(counts);
    }

    /// <summary>LB-1 with as many keys as picks.</summary>
    [Fact]
    public void LB_1_Picks_with_many_keys_are_even()
    {
        var counts = new int[10];
        var (balancer, random, candidates) = (Create(), new RandomSource(2), Instances(10));
        for (var i = 0; i < Picks; i++)
        {
            counts[balancer.Pick(candidates, new PickContext(random.Next(), InstanceState.HashOf($"order-{i}"), HasKey: true))]++;
        }

        AssertEven(counts);
    }

    /// <summary>L02.</summary>
    [Fact]
    public void L02_A_single_instance_is_always_picked()
    {
        var (balancer, random, candidates) = (Create(), new RandomSource(3), Instances(1));
        for (var i = 0; i < 1000; i++)
        {
            Assert.Equal(0, balancer.Pick(candidates, new PickContext(random.Next(), random.Next(), HasKey: i % 2 == 0, Attempt: i % 3)));
        }
    }

    /// <summary>L03, at the edges of the randomness too.</summary>
    [Fact]
    public void L03_The_pick_is_one_of_the_candidates_and_every_one_gets_picked()
    {
        var (balancer, random) = (Create(), new RandomSource(4));
        for (var count = 1; count <= 33; count++)
        {
            var candidates = Instances(count);
            var seen = new bool[count];
            for (var i = 0; i < count * 40; i++)
            {
                var bits = i switch { 0 => 0UL, 1 => ulong.MaxValue, 2 => uint.MaxValue, 3 => ~(ulong)uint.MaxValue, _ => random.Next() };
                seen[InRange(balancer.Pick(candidates, new PickContext(bits, bits, HasKey: i % 2 == 0, Attempt: i % 4 == 3 ? 1 : 0)), count)] = true;
            }

            Assert.DoesNotContain(false, seen);
        }
    }

    /// <summary>L03 while calls are in flight on several threads and membership changes.</summary>
    [Fact]
    public void L03_Picks_of_several_threads_over_changing_candidates_stay_in_range()
    {
        var (balancer, random, all) = (Create(), new RandomSource(5), Instances(12));
        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, _ =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                var bits = random.Next();
                var candidates = all.AsSpan((int)(bits % 6), 1 + (int)((bits >> 8) % 6));
                var state = candidates[InRange(balancer.Pick(candidates, new PickContext(bits, bits, HasKey: i % 2 == 0)), candidates.Length)];
                state.Begin();
                state.Complete();
            }
        });
        Assert.All(all, state => Assert.Equal(0, state.InFlight));
        Assert.Equal(80_000, all.Sum(state => state.Calls));
    }

    /// <summary>L08.</summary>
    [Fact]
    public void L08_Retries_over_the_untried_walk_through_every_instance_once()
    {
        var (balancer, random) = (Create(), new RandomSource(6));
        for (var call = 0; call < 200; call++)
        {
            Assert.Equal(7, Walk(balancer, Instances(7), random.Next, call % 2 == 0 ? random.Next() : null).Distinct().Count());
        }
    }

    /// <summary>Picking is on the path of every call and leaves nothing for the garbage collector.</summary>
    [Fact]
    public void Picking_allocates_nothing()
    {
        var (balancer, random, candidates) = (Create(), new RandomSource(7), Instances(100));
        var sum = Many(1000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        sum += Many(10_000);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(0, allocated);
        Assert.True(sum > 0);

        long Many(int picks)
        {
            var total = 0L;
            for (var i = 0; i < picks; i++)
            {
                total += balancer.Pick(candidates, new PickContext(random.Next(), random.Next(), HasKey: i % 2 == 0, Attempt: i % 3));
            }

            return total;
        }
    }

    /// <summary>Picks and leaves out what was picked until nothing is left, as the retries of one call do; the ids in that order.</summary>
    protected static IReadOnlyList<string> Walk(ILoadBalancer balancer, IReadOnlyList<InstanceState> candidates, Func<ulong> random, ulong? key)
    {
        ArgumentNullException.ThrowIfNull(balancer);
        ArgumentNullException.ThrowIfNull(random);
        List<string> order = [];
        var left = candidates.ToList();
        while (left.Count > 0)
        {
            var picked = balancer.Pick(left.ToArray(), new PickContext(random(), key ?? 0, key is not null, order.Count));
            order.Add(left[InRange(picked, left.Count)].Instance.Id);
            left.RemoveAt(picked);
        }

        return order;
    }

    private static int InRange(int index, int count)
    {
        Assert.InRange(index, 0, count - 1);
        return index;
    }
}
