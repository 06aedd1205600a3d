using Micro.Internal;
using Micro.LoadBalancing;
using static Micro.Tests.LoadBalancing.InstanceSetRig;

namespace Micro.Tests.LoadBalancing;

public sealed class OutlierEjectionTests
{
    private const InstanceOutcome Success = InstanceOutcome.Success;
    private const InstanceOutcome Failure = InstanceOutcome.Failure;
    private const InstanceOutcome Unreachable = InstanceOutcome.Unreachable;

    private static OutlierEjectionOptions Exact => new() { Jitter = 0 };

    [Fact]
    public void LB_8_An_instance_that_cannot_be_reached_is_out_after_one_call()
    {
        var rig = new InstanceSetRig(3, Exact);
        rig.Report("i1", Unreachable);
        Assert.Equal("i0 i2", rig.Candidates);
        Assert.Equal("i0 i1 i2", Ids(rig.Set.All));
        rig.Pass(0.999);
        Assert.Equal("i0 i2", rig.Candidates);
        rig.Pass(0.001);
        Assert.Equal("i0 i1 i2", rig.Candidates);
    }

    [Fact]
    public void LB_8_Failures_in_a_row_eject_and_a_success_in_between_starts_the_count_anew()
    {
        var rig = new InstanceSetRig(3, Exact);
        rig.Report("i1", Failure, 4);
        rig.Report("i1", Success);
        rig.Report("i1", Failure, 4);
        Assert.Equal("i0 i1 i2", rig.Candidates);
        rig.Report("i1", Failure);
        Assert.Equal("i0 i2", rig.Candidates);
        rig.Pass(4.999);
        Assert.Equal("i0 i2", rig.Candidates);
        rig.Pass(0.001);
        Assert.Equal("i0 i1 i2", rig.Candidates);
    }

    [Fact]
    public void LB_8_One_call_tries_a_returning_instance_out_and_the_others_wait_for_it()
    {
        var rig = new InstanceSetRig(3, Exact);
        rig.Report("i1", Unreachable);
        rig.Pass(1);
        Assert.Equal("i0 i1 i2", rig.Candidates);
        rig.Set.Begin(rig["i1"]);
        Assert.Equal("i0 i2", rig.Candidates);
        rig.Report("i1", Success);
        Assert.Equal("i0 i1 i2", rig.Candidates);
        rig.Set.Begin(rig["i1"]);
        Assert.Equal("i0 i1 i2", rig.Candidates);
    }

    [Theory]
    [InlineData(InstanceOutcome.Unreachable, new[] { 1, 2, 4, 8, 16, 30, 30 })]
    [InlineData(InstanceOutcome.Failure, new[] { 5, 10, 20, 40, 60, 60 })]
    public void LB_8_The_time_out_doubles_to_its_limit_while_the_instance_is_no_better(object outcome, int[] seconds)
    {
        var rig = new InstanceSetRig(3, Exact);
        rig.Report("i1", (InstanceOutcome)outcome, (InstanceOutcome)outcome == Failure ? 5 : 1);
        foreach (var time in seconds)
        {
            rig.Pass(time - 0.001);
            Assert.Equal("i0 i2", rig.Candidates);
            rig.Pass(0.001);
            Assert.Equal("i0 i1 i2", rig.Candidates);
            rig.Set.Begin(rig["i1"]);
            rig.Report("i1", (InstanceOutcome)outcome);
        }
    }

    [Fact]
    public void LB_8_Times_out_are_jittered_by_a_fifth()
    {
        var rig = new InstanceSetRig(200);
        HashSet<double> ends = [];
        for (var i = 0; i < 199; i++)
        {
            rig.Report($"i{i}", Unreachable);
            ends.Add((double)rig[$"i{i}"].Health.Until - rig.Clock.GetTimestamp());
        }

        Assert.All(ends, ticks => Assert.InRange(ticks / rig.Clock.TimestampFrequency, 0.8, 1.2));
        Assert.True(ends.Count > 190);
        Assert.InRange(ends.Min() / rig.Clock.TimestampFrequency, 0.8, 0.85);
        Assert.InRange(ends.Max() / rig.Clock.TimestampFrequency, 1.15, 1.2);
    }

    [Fact]
    public void LB_8_A_recovered_instance_returns_and_is_forgiven_after_being_good_for_as_long_as_it_was_out()
    {
        var rig = new InstanceSetRig(3, Exact);
        rig.Fail("i1");
        rig.Pass(5);
        Assert.Equal("i0 i1 i2", rig.Candidates);
        rig.Set.Begin(rig["i1"]);
        rig.Report("i1", Success);

        // Soon bad again: out for twice as long.
        rig.Pass(1);
        rig.Report("i1", Success);
        rig.Fail("i1");
        rig.Pass(9.9);
        Assert.Equal("i0 i2", rig.Candidates);
        rig.Pass(0.1);
        Assert.Equal("i0 i1 i2", rig.Candidates);
        rig.Set.Begin(rig["i1"]);
        rig.Report("i1", Success);

        // Good for ten seconds: the next time is the first one again.
        rig.Pass(10);
        rig.Report("i1", Success);
        Assert.True(rig["i1"].Health.IsClear);
        rig.Fail("i1");
        rig.Pass(5);
        Assert.Equal("i0 i1 i2", rig.Candidates);
    }

    [Fact]
    public void LB_8_Calls_under_way_when_it_was_ejected_neither_prolong_nor_shorten_it()
    {
        var rig = new InstanceSetRig(3, Exact);
        rig.Report("i1", Unreachable, 20);
        rig.Report("i1", Failure, 20);
        rig.Report("i1", Success);
        Assert.Equal("i0 i2", rig.Candidates);
        rig.Pass(1);
        Assert.Equal("i0 i1 i2", rig.Candidates);
        Assert.Single(rig.Logged);
    }

    [Fact]
    public void LB_8_A_probe_that_never_ends_lets_another_one_try_after_a_while()
    {
        var rig = new InstanceSetRig(3, Exact);
        rig.Report("i1", Unreachable);
        rig.Pass(1);
        Assert.Equal("i0 i1 i2", rig.Candidates);
        rig.Set.Begin(rig["i1"]);
        rig.Report("i1", InstanceOutcome.Nothing);
        rig.Pass(4.999);
        Assert.Equal("i0 i2", rig.Candidates);
        rig.Pass(0.001);
        Assert.Equal("i0 i1 i2", rig.Candidates);
    }

    [Fact]
    public void LB_8_Failures_eject_no_more_than_the_set_share()
    {
        foreach (var (count, most) in new[] { (1, 0), (2, 1), (3, 1), (4, 2), (7, 3), (10, 5) })
        {
            var rig = new InstanceSetRig(count, Exact);
            for (var i = 0; i < count; i++)
            {
                rig.Fail($"i{i}");
            }

            Assert.Equal(count - most, rig.Set.Candidates.Length);
            Assert.Equal(count - most, rig.Logged.Count(entry => entry.Id == 1103));
            Assert.Equal(most, rig.Logged.Count(entry => entry.Id == 1100));
        }
    }

    [Fact]
    public void LB_8_The_last_instance_is_never_ejected()
    {
        var rig = new InstanceSetRig(4, Exact);
        for (var i = 0; i < 4; i++)
        {
            rig.Report($"i{i}", Unreachable, 3);
        }

        Assert.Equal("i3", rig.Candidates);
        rig.Fail("i3");
        Assert.Equal("i3", rig.Candidates);

        // One that is only being tried out does not count as another.
        rig.Pass(1);
        Assert.Equal("i0 i1 i2 i3", rig.Candidates);
        rig.Set.Begin(rig["i0"]);
        rig.Set.Begin(rig["i1"]);
        rig.Set.Begin(rig["i2"]);
        rig.Report("i3", Unreachable);
        Assert.Equal("i3", rig.Candidates);
    }

    [Fact]
    public void LB_8_When_the_list_becomes_shorter_enough_instances_come_back()
    {
        var rig = new InstanceSetRig(4, Exact);
        rig.Fail("i0");
        rig.Pass(1);
        rig.Fail("i1");
        Assert.Equal("i2 i3", rig.Candidates);

        // One of three may be out: the one whose time would be over first comes back.
        rig.Update("i0", "i1", "i2");
        Assert.Equal("i0 i2", rig.Candidates);
        Assert.Contains(rig.Logged, entry => entry.Id == 1102 && entry.Text.Contains("'i0'", StringComparison.Ordinal));

        // Nobody else is left.
        rig.Update("i1");
        Assert.Equal("i1", rig.Candidates);
    }

    [Fact]
    public void LB_8_When_only_unreachable_instances_are_left_one_comes_back()
    {
        var rig = new InstanceSetRig(3, Exact);
        rig.Report("i0", Unreachable);
        rig.Pass(0.1);
        rig.Report("i1", Unreachable);
        rig.Update("i0", "i1");
        Assert.Equal("i0", rig.Candidates);
        rig.Update("i0", "i1", "i9");
        Assert.Equal("i0 i9", rig.Candidates);
    }

    [Fact]
    public void LB_8_A_black_holed_instance_costs_a_few_slow_calls_and_not_one_per_call()
    {
        Assert.InRange(SlowCalls(new OutlierEjectionOptions { Enabled = false }, Failure), 150, 250);
        Assert.InRange(SlowCalls(new OutlierEjectionOptions(), Failure), 5, 12);
        Assert.InRange(SlowCalls(new OutlierEjectionOptions(), Unreachable), 1, 10);
    }

    [Fact]
    public void LB_8_Ejections_and_returns_are_logged()
    {
        var rig = new InstanceSetRig(3, Exact);
        rig.Report("i1", Unreachable);
        rig.Pass(1);
        Assert.Equal(3, rig.Set.Candidates.Length);
        rig.Set.Begin(rig["i1"]);
        rig.Report("i1", Success, 3);
        Assert.Equal(
            [
                (1100, "Instance 'i1' of service 'orders' gets no calls for 1.0 s (Unreachable)."),
                (1101, "Instance 'i1' of service 'orders' gets calls again."),
            ],
            rig.Logged);
    }

    [Fact]
    public void LB_8_Reports_of_several_threads_leave_a_whole_set()
    {
        var random = new RandomSource(61);
        var set = new InstanceSet("orders", new OutlierEjectionOptions { UnreachableEjection = TimeSpan.FromTicks(100) }, TimeProvider.System, random, new InstanceSetRig());
        var instances = Enumerable.Range(0, 8).Select(i => Instance($"i{i}")).ToArray();
        set.Update(new("orders", [.. instances]));
        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, thread =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                var candidates = set.Candidates;
                Assert.False(candidates.IsEmpty);
                var state = candidates[(int)(random.Next() % (ulong)candidates.Length)];
                set.Begin(state);
                set.Report(state, (InstanceOutcome)(random.Next() % 4));
                state.Complete();
                if (thread == 0 && i % 100 == 0)
                {
                    set.Update(new("orders", [.. instances.Where((_, n) => (random.Next() & 3) != 0 || n == 0)]));
                }
            }
        });
        foreach (var state in set.All)
        {
            Assert.Equal(0, state.InFlight);
        }
    }

    /// <summary>2,000 calls one after the other over ten instances of which one does not answer: how many had to wait for the deadline of 5 s.</summary>
    private static int SlowCalls(OutlierEjectionOptions options, InstanceOutcome outcome)
    {
        var (rig, balancer, slow) = (new InstanceSetRig(10, options), new RandomBalancer(), 0);
        for (var i = 0; i < 2000; i++)
        {
            var candidates = rig.Set.Candidates;
            var state = candidates[balancer.Pick(candidates, new PickContext(rig.Random.Next()))];
            rig.Set.Begin(state);
            var dead = state.Instance.Id == "i4";
            rig.Pass(dead ? 5 : 0.01);
            rig.Set.Report(state, dead ? outcome : Success);
            state.Complete();
            slow += dead ? 1 : 0;
        }

        return slow;
    }
}
