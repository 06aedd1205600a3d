using Micro.Discovery;
using Xunit;

#pragma warning disable CS1591 // The names of the cases say what they prove.

namespace Micro.Testing.Discovery;

public abstract partial class ServiceRegistryConformance
{
    [Fact]
    public async Task REG_1_A_registered_instance_is_visible_to_all_watchers_within_a_second()
    {
        await using var rig = await StartAsync();
        var (a, b, c) = (rig.AddNode(), rig.AddNode(), rig.AddNode());
        await using var atA = new SnapshotRecorder(a.Resolver, "cart");
        await using var atB = new SnapshotRecorder(b.Resolver, "cart");
        await UntilAsync(rig, Patience, "both watch", () => atA.Shows() && atB.Shows());
        await c.Registry.RegisterAsync(Instance("cart", "c1"), Token);
        await UntilAsync(rig, OneSecond, "both see it", () => atA.Shows("c1") && atB.Shows("c1"));
    }

    [Fact]
    public async Task REG_1_A_deregistered_instance_is_gone_within_a_second()
    {
        await using var rig = await StartAsync();
        var (a, b) = (rig.AddNode(), rig.AddNode());
        var registration = await a.Registry.RegisterAsync(Instance("cart", "c1"), Token);
        await using var watch = new SnapshotRecorder(b.Resolver, "cart");
        await UntilAsync(rig, OneSecond, "it is there", () => watch.Shows("c1"));
        await registration.DisposeAsync();
        await UntilAsync(rig, OneSecond, "it is gone", () => watch.Shows());
        await registration.DisposeAsync();
        Assert.False(registration.Lost.IsCancellationRequested, "Lost is not for those who leave.");
    }

    [Fact]
    public async Task REG_1_A_killed_instance_is_gone_after_its_time_to_live_and_a_second_while_live_ones_stay()
    {
        await using var rig = await StartAsync();
        var (a, b, c) = (rig.AddNode(), rig.AddNode(), rig.AddNode());
        await a.Registry.RegisterAsync(Instance("cart", "killed"), Token);
        await b.Registry.RegisterAsync(Instance("cart", "alive"), Token);
        await using var watch = new SnapshotRecorder(c.Resolver, "cart");
        await UntilAsync(rig, OneSecond, "both are there", () => watch.Shows("killed", "alive"));
        await rig.KillAsync(a);
        await UntilAsync(rig, rig.Ttl + OneSecond, "only the live one is there", () => watch.Shows("alive"));
        await WhileAsync(rig, rig.Ttl * 2, "only the live one is there", () => watch.Shows("alive"));
    }

    [Fact]
    public async Task R06_What_nobody_renews_vanishes_from_look_ups_and_catalog()
    {
        await using var rig = await StartAsync();
        var (a, b) = (rig.AddNode(), rig.AddNode());
        await a.Registry.RegisterAsync(Instance("cart", "c1"), Token);
        Assert.Single((await LookUpAsync(b.Resolver, "cart")).Instances);
        await rig.KillAsync(a);
        var began = rig.Time.GetTimestamp();
        await UntilAsync(rig, rig.Ttl + OneSecond, "the time to live passes", () => rig.Time.GetElapsedTime(began) > rig.Ttl + (OneSecond / 2));
        Assert.Empty((await LookUpAsync(b.Resolver, "cart")).Instances);
        Assert.Empty(await Catalog(b).ListAsync(Token));
    }

    [Fact]
    public async Task R07_Registering_again_gives_a_new_time_to_live()
    {
        await using var rig = await StartAsync();
        var (a, b, c) = (rig.AddNode(), rig.AddNode(), rig.AddNode());
        await a.Registry.RegisterAsync(Instance("cart", "c1"), Token);
        await using var watch = new SnapshotRecorder(c.Resolver, "cart");
        await UntilAsync(rig, OneSecond, "it is there", () => watch.Shows("c1"));
        await rig.KillAsync(a);
        await WhileAsync(rig, rig.Ttl / 2, "it is still there", () => watch.Shows("c1"));
        await b.Registry.RegisterAsync(Instance("cart", "c1"), Token);
        await WhileAsync(rig, rig.Ttl * 1.5, "it stays beyond the first time to live", () => watch.Shows("c1"));
    }

    [Fact]
    public async Task R08_A_thousand_registrations_and_look_ups_at_once_with_time_to_live()
    {
        await using var rig = await StartAsync();
        var (a, b, c) = (rig.AddNode(), rig.AddNode(), rig.AddNode());
        var registered = await Task.WhenAll(Enumerable.Range(0, 1000).Select(i => Task.Run(async () =>
        {
            var registration = await (i % 2 == 0 ? a : b).Registry.RegisterAsync(Instance("cart", $"c{i:0000}"), Token);
            var found = await LookUpAsync((i % 3 == 0 ? a : c).Resolver, "cart");
            Assert.Equal(found.Instances.Length, found.Instances.DistinctBy(instance => instance.Id).Count());
            return registration;
        })));
        await using var watch = new SnapshotRecorder(c.Resolver, "cart");
        await UntilAsync(rig, OneSecond, "all are there", () => watch.Ids?.Length == 1000);
        await Task.WhenAll(registered.Where((_, i) => i % 4 == 1).Select(registration => registration.DisposeAsync().AsTask()));
        await UntilAsync(rig, OneSecond, "a quarter has left", () => watch.Ids?.Length == 750);
        await rig.KillAsync(a);
        await UntilAsync(rig, rig.Ttl + OneSecond, "the killed half is gone", () => watch.Ids?.Length == 250);
        Assert.All(watch.Snapshots[^1].Instances, instance => Assert.Equal(3, int.Parse(instance.Id[1..], null) % 4));
    }

    [Fact]
    public async Task REG_2_An_old_registration_neither_renews_nor_removes_its_successor()
    {
        await using var rig = await StartAsync();
        var (a, b, c) = (rig.AddNode(), rig.AddNode(), rig.AddNode());
        var old = await a.Registry.RegisterAsync(Instance("cart", "c1", 5001), Token);
        await using var watch = new SnapshotRecorder(c.Resolver, "cart");
        await UntilAsync(rig, OneSecond, "the old one", () => watch.Shows("c1"));
        await b.Registry.RegisterAsync(Instance("cart", "c1", 5002), Token);
        await UntilAsync(rig, OneSecond, "the new one", () => Port(watch) == 5002);
        await UntilAsync(rig, rig.Ttl, "the old one knows", () => old.Lost.IsCancellationRequested);
        await WhileAsync(rig, rig.Ttl, "the new one stays", () => Port(watch) == 5002);
        await old.DisposeAsync();
        await WhileAsync(rig, rig.Ttl, "the new one stays", () => Port(watch) == 5002);
    }

    [Fact]
    public async Task REG_2_A_registration_that_was_replaced_returns_when_its_successor_leaves()
    {
        await using var rig = await StartAsync();
        var (a, b, c) = (rig.AddNode(), rig.AddNode(), rig.AddNode());
        var old = await a.Registry.RegisterAsync(Instance("cart", "c1", 5001), Token);
        var successor = await b.Registry.RegisterAsync(Instance("cart", "c1", 5002), Token);
        await using var watch = new SnapshotRecorder(c.Resolver, "cart");
        await UntilAsync(rig, Patience, "the old one knows", () => Port(watch) == 5002 && old.Lost.IsCancellationRequested);
        await successor.DisposeAsync();
        await UntilAsync(rig, rig.Ttl + OneSecond, "the old one is back", () => Port(watch) == 5001 && !old.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task REG_4_Changes_arrive_in_order_and_the_last_one_always()
    {
        await using var rig = await StartAsync();
        var (a, b) = (rig.AddNode(), rig.AddNode());
        await using var watch = new SnapshotRecorder(b.Resolver, "cart");
        for (var port = 1; port <= 300; port++)
        {
            await a.Registry.RegisterAsync(Instance("cart", "c1", port), Token);
        }

        await UntilAsync(rig, OneSecond, "the last change", () => Port(watch) == 300);
        var ports = watch.Snapshots.Where(snapshot => !snapshot.Instances.IsEmpty).Select(snapshot => snapshot.Instances[0].Addresses[0].Port).ToList();
        Assert.Equal(ports.Order(), ports);
    }

    private static int? Port(SnapshotRecorder watch) =>
        watch.Failure is null && watch.Snapshots is [.., { Instances: [{ } only] }] ? only.Addresses[0].Port : null;
}
