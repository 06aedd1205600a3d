using CsCheck;
using Micro.Internal;
using Micro.LoadBalancing;
using Micro.Testing.LoadBalancing;

namespace Micro.Tests.LoadBalancing;

public sealed class RendezvousBalancerTests : KeyedLoadBalancerConformance
{
    protected override string Name => LoadBalancers.Rendezvous;

    protected override ILoadBalancer Create() => new RendezvousBalancer();

    [Fact]
    public void L11_A_key_goes_to_the_same_instance_in_every_process_and_version()
    {
        var candidates = Instances(10);
        var keys = Enumerable.Range('a', 26).Select(letter => $"{(char)letter}").Concat(["", "Ünïcödé"]);
        var picked = keys.Select(key => new RendezvousBalancer().Pick(candidates, new PickContext(0, InstanceState.HashOf(key), HasKey: true)));
        Assert.Equal("8 4 9 1 3 5 4 0 8 7 4 5 1 4 5 1 7 2 9 6 2 4 6 3 3 6 9 8", string.Join(' ', picked));
    }

    [Fact]
    public void L11_The_heaviest_wins_as_integers_compare() =>
        Gen.Select(Gen.Int[1, 40], Gen.Int[0, 100_000], Gen.ULong).Sample((count, from, key) =>
        {
            var candidates = Instances(count, from);
            var heaviest = candidates.Index().MaxBy(pair => (((pair.Item.Hash ^ key) * 0x9e3779b97f4a7c15UL) >> 22, pair.Index)).Index;
            return new RendezvousBalancer().Pick(candidates, new PickContext(0, key, HasKey: true)) == heaviest;
        });

    [Fact]
    public void LB_1_When_an_instance_leaves_only_its_keys_move_and_they_spread_over_all_others()
    {
        var (before, balancer) = (Instances(10), new RendezvousBalancer());
        var after = before.Where((_, i) => i != 3).ToArray();
        var heirs = new Dictionary<string, int>();
        for (var i = 0; i < 50_000; i++)
        {
            var context = new PickContext(0, InstanceState.HashOf($"cart-{i}"), HasKey: true);
            var (was, isNow) = (before[balancer.Pick(before, context)].Instance.Id, after[balancer.Pick(after, context)].Instance.Id);
            if (was == "i003")
            {
                heirs[isNow] = heirs.GetValueOrDefault(isNow) + 1;
            }
            else
            {
                Assert.Equal(was, isNow);
            }
        }

        Assert.Equal(9, heirs.Count);

        // The 0.999 quantile of chi-square with 8 degrees of freedom.
        Assert.True(ChiSquare(heirs.Values) < 26.124, string.Join(' ', heirs));
    }

    [Fact]
    public void LB_1_Keys_are_even_for_any_ids_and_numbers()
    {
        var random = new RandomSource(31);
        var poor = 0;
        for (var round = 0; round < 200; round++)
        {
            var candidates = Instances(10, (int)(random.Next() % 100_000));
            var counts = new int[10];
            for (var i = 0; i < 5000; i++)
            {
                counts[new RendezvousBalancer().Pick(candidates, new PickContext(0, InstanceState.HashOf($"{round}-{i}"), HasKey: true))]++;
            }

            // Above the 0.99 quantile of chi-square with 9 degrees of freedom: 1 % of the rounds, so about 2.
            poor += ChiSquare(counts) > 21.666 ? 1 : 0;
        }

        Assert.InRange(poor, 0, 8);
    }

    [Fact]
    public void Without_a_key_the_pick_is_random()
    {
        var random = new RandomSource(32);
        var candidates = Instances(3);
        Assert.Equal([0, 1, 2], Enumerable.Range(0, 100).Select(_ => new RendezvousBalancer().Pick(candidates, new PickContext(random.Next()))).Distinct().Order());
    }
}
