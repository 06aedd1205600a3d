using Micro.Discovery;
using Micro.LoadBalancing;
using static Micro.Tests.LoadBalancing.InstanceSetRig;

namespace Micro.Tests.LoadBalancing;

public sealed class InstanceSetTests
{
    [Fact]
    public void L01_Without_instances_there_is_no_candidate()
    {
        var rig = new InstanceSetRig();
        Assert.True(rig.Set.Candidates.IsEmpty);
        rig.Update("a");
        rig.Update(Array.Empty<ServiceInstance>());
        Assert.True(rig.Set.Candidates.IsEmpty);
        Assert.True(rig.Set.All.IsEmpty);
    }

    [Fact]
    public void Candidates_are_ordered_by_id()
    {
        var rig = new InstanceSetRig();
        rig.Update("m", "B", "a");
        Assert.Equal("B a m", rig.Candidates);
        rig.Update("z", "m", "A", "a");
        Assert.Equal("A a m z", rig.Candidates);
        Assert.Equal("A a m z", Ids(rig.Set.All));
    }

    [Fact]
    public void LB_10_An_instance_keeps_its_state_whatever_else_changes()
    {
        var rig = new InstanceSetRig();
        rig.Update("b", "d");
        var (b, d) = (rig["b"], rig["d"]);
        b.Begin();
        rig.Update("a", "b", "c", "d", "e");
        rig.Update("b", "d", "e");
        Assert.Same(b, rig["b"]);
        Assert.Same(d, rig["d"]);
        Assert.Equal(1, b.InFlight);
        Assert.Equal("a c", Ids(rig.Removed.ToArray()));
    }

    [Fact]
    public void LB_10_An_unordered_list_costs_no_states()
    {
        var rig = new InstanceSetRig();
        rig.UpdateAsGiven("c", "a", "b");
        var (a, b, c) = (rig["a"], rig["b"], rig["c"]);
        Assert.Equal("a b c", rig.Candidates);
        rig.UpdateAsGiven("b", "c", "a");
        Assert.Empty(rig.Removed);
        Assert.Equal([a, b, c], rig.Set.Candidates.ToArray());
    }

    [Fact]
    public void LB_10_New_metadata_are_taken_over_without_a_new_state()
    {
        var rig = new InstanceSetRig();
        rig.Update(Instance("a", label: "x"));
        var a = rig["a"];
        rig.Update(Instance("a", label: "y"));
        Assert.Same(a, rig["a"]);
        Assert.Equal("y", a.Instance.Metadata["label"]);
        Assert.Empty(rig.Removed);
    }

    [Fact]
    public void LB_12_A_new_address_makes_a_new_state_and_gives_the_old_one_back_to_be_closed()
    {
        var rig = new InstanceSetRig();
        rig.Update(Instance("a", address: "one"), Instance("b"));
        var (a, b) = (rig["a"], rig["b"]);
        rig.Update(Instance("a", address: "two"), Instance("b"));
        Assert.NotSame(a, rig["a"]);
        Assert.Same(b, rig["b"]);
        Assert.Equal([a], rig.Removed);
    }

    [Fact]
    public void LB_12_A_new_version_under_the_same_id_is_another_process()
    {
        var rig = new InstanceSetRig();
        rig.Update(Instance("a", version: "1"));
        var a = rig["a"];
        rig.Update(Instance("a", version: "2"));
        Assert.Equal([a], rig.Removed);
    }

    [Fact]
    public void LB_12_Every_state_that_leaves_is_given_back_once_when_no_reader_gets_it_any_more()
    {
        var rig = new InstanceSetRig();
        List<string> candidatesThen = [];
        InstanceSet set = null!;
        set = new InstanceSet("orders", rig.Options, rig.Clock, rig.Random, rig, _ => candidatesThen.Add(Ids(set.Candidates) + "|" + Ids(set.All)));
        set.Update(new ServiceSnapshot("orders", [Instance("a"), Instance("b"), Instance("c")]));
        set.Update(new ServiceSnapshot("orders", [Instance("b")]));
        Assert.Equal(["b|b", "b|b"], candidatesThen);
        set.Update(new ServiceSnapshot("orders", []));
        Assert.Equal(["b|b", "b|b", "|"], candidatesThen);
    }

    [Fact]
    public void LB_10_Calls_that_end_on_an_instance_that_left_change_nothing()
    {
        var rig = new InstanceSetRig(3);
        var left = rig["i0"];
        rig.Set.Begin(left);
        rig.Update("i1", "i2");
        rig.Set.Report(left, InstanceOutcome.Unreachable);
        for (var i = 0; i < 10; i++)
        {
            rig.Set.Report(left, InstanceOutcome.Failure);
        }

        rig.Set.Report(left, InstanceOutcome.Success);
        left.Complete();
        Assert.Equal("i1 i2", rig.Candidates);
        Assert.Empty(rig.Logged);
        Assert.Equal(0, left.InFlight);
    }

    [Fact]
    public void An_ejected_instance_that_leaves_and_comes_back_starts_anew()
    {
        var rig = new InstanceSetRig(3);
        rig.Report("i0", InstanceOutcome.Unreachable);
        Assert.Equal("i1 i2", rig.Candidates);
        rig.Update("i1", "i2");
        rig.Update("i0", "i1", "i2");
        Assert.Equal("i0 i1 i2", rig.Candidates);
    }

    [Fact]
    public void A_call_that_succeeds_allocates_nothing()
    {
        var rig = new InstanceSetRig(100);
        Calls(1000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Calls(10_000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Calls(int count)
        {
            for (var i = 0; i < count; i++)
            {
                var candidates = rig.Set.Candidates;
                var state = candidates[i % candidates.Length];
                rig.Set.Begin(state);
                rig.Set.Report(state, InstanceOutcome.Success);
                state.Complete();
            }
        }
    }
}
