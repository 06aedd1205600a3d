using Micro.Discovery;
using Micro.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

#pragma warning disable CS1591 // The names of the cases say what they prove.

namespace Micro.Testing.Discovery;

public abstract partial class ServiceRegistryConformance
{
    [Fact]
    public async Task R01_Every_version_of_every_service_is_found()
    {
        await using var rig = await StartAsync();
        var (a, b) = (rig.AddNode(), rig.AddNode());
        foreach (var service in new[] { "cart", "price" })
        {
            foreach (var version in new[] { "1.0.0", "1.0.1", "2.0.0" })
            {
                await a.Registry.RegisterAsync(Instance(service, $"{service}-{version}", version: version), Token);
            }
        }

        await using var carts = new SnapshotRecorder(b.Resolver, "cart");
        await using var prices = new SnapshotRecorder(b.Resolver, "price");
        await UntilAsync(rig, OneSecond, "all versions of both services", () => Versions(carts).Length == 3 && Versions(prices).Length == 3);
        Assert.Equal(["1.0.0", "1.0.1", "2.0.0"], Versions(carts));
        Assert.Equal(["price-1.0.0", "price-1.0.1", "price-2.0.0"], prices.Ids!.Value);
    }

    [Fact]
    public async Task R02_The_catalog_lists_services_that_have_instances()
    {
        await using var rig = await StartAsync();
        var (a, b) = (rig.AddNode(), rig.AddNode());
        var catalog = Catalog(b);
        Assert.Empty(await catalog.ListAsync(Token));
        await a.Registry.RegisterAsync(Instance("price", "p1"), Token);
        await a.Registry.RegisterAsync(Instance("cart", "c1"), Token);
        await a.Registry.RegisterAsync(Instance("cart", "c2"), Token);
        Assert.Equal(["cart", "price"], await catalog.ListAsync(Token));
    }

    [Fact]
    public async Task R03_Deregistering_one_version_leaves_the_others()
    {
        await using var rig = await StartAsync();
        var node = rig.AddNode();
        await node.Registry.RegisterAsync(Instance("cart", "c1", version: "1"), Token);
        var second = await node.Registry.RegisterAsync(Instance("cart", "c2", version: "2"), Token);
        await node.Registry.RegisterAsync(Instance("cart", "c3", version: "3"), Token);
        await using var watch = new SnapshotRecorder(rig.AddNode().Resolver, "cart");
        await UntilAsync(rig, OneSecond, "three versions", () => Versions(watch).Length == 3);
        await second.DisposeAsync();
        await UntilAsync(rig, OneSecond, "versions 1 and 3", () => Versions(watch).SequenceEqual(["1", "3"]));
    }

    [Fact]
    public async Task R04_After_the_last_deregistration_the_service_is_an_empty_list_and_not_in_the_catalog()
    {
        await using var rig = await StartAsync();
        var (a, b) = (rig.AddNode(), rig.AddNode());
        var one = await a.Registry.RegisterAsync(Instance("cart", "c1"), Token);
        var two = await a.Registry.RegisterAsync(Instance("cart", "c2"), Token);
        await using var watch = new SnapshotRecorder(b.Resolver, "cart");
        await UntilAsync(rig, OneSecond, "both", () => watch.Shows("c1", "c2"));
        await one.DisposeAsync();
        await two.DisposeAsync();
        await UntilAsync(rig, OneSecond, "an empty list", () => watch.Shows());
        Assert.Empty((await LookUpAsync(b.Resolver, "cart")).Instances);
        Assert.Empty(await Catalog(b).ListAsync(Token));
    }

    [Fact]
    public async Task R05_The_same_id_replaces_and_other_ids_stay()
    {
        await using var rig = await StartAsync();
        var (a, b) = (rig.AddNode(), rig.AddNode());
        await a.Registry.RegisterAsync(Instance("cart", "c1", 5001), Token);
        await a.Registry.RegisterAsync(Instance("cart", "c2", 5002), Token);
        await b.Registry.RegisterAsync(Instance("cart", "c1", 5003), Token);
        await using var watch = new SnapshotRecorder(rig.AddNode().Resolver, "cart");
        await UntilAsync(rig, OneSecond, "c1 replaced", () => watch.Shows("c1", "c2"));
        Assert.Equal(5003, watch.Snapshots[^1].Instances[0].Addresses[0].Port);
    }

    [Fact]
    public async Task R10_A_watcher_sees_instances_come_change_and_go_of_its_service_only()
    {
        await using var rig = await StartAsync();
        var node = rig.AddNode();
        await using var watch = new SnapshotRecorder(rig.AddNode().Resolver, "cart");
        await UntilAsync(rig, OneSecond, "an empty list at once", () => watch.Shows());
        await node.Registry.RegisterAsync(Instance("price", "p1"), Token);
        var created = await node.Registry.RegisterAsync(Instance("cart", "c1", 5001), Token);
        await UntilAsync(rig, OneSecond, "created", () => watch.Shows("c1"));
        var changed = await node.Registry.RegisterAsync(Instance("cart", "c1", 5002), Token);
        await UntilAsync(rig, OneSecond, "updated", () => watch.Snapshots[^1].Instances is [{ Addresses: [{ Port: 5002 }] }]);
        await created.DisposeAsync();
        await changed.DisposeAsync();
        await UntilAsync(rig, OneSecond, "deleted", () => watch.Shows());
        Assert.Equal(4, watch.Snapshots.Count);
        Assert.All(watch.Snapshots, snapshot => Assert.Equal("cart", snapshot.Service));
    }

    [Fact]
    public async Task R11_A_watch_ends_by_its_token_and_by_nothing_else()
    {
        await using var rig = await StartAsync();
        var node = rig.AddNode();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var watch = node.Resolver.WatchAsync("cart", stop.Token).GetAsyncEnumerator(stop.Token);
        Assert.True(await watch.MoveNextAsync());
        var next = watch.MoveNextAsync().AsTask();
        Assert.False(next.IsCompleted);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
        await watch.DisposeAsync();
    }

    [Fact]
    public async Task R12_Waiting_for_instances_ends_when_there_are_enough_or_the_time_is_over()
    {
        await using var rig = await StartAsync();
        var node = rig.AddNode();
        await using var watcher = new ServiceWatcher(rig.AddNode().Resolver, "cart", rig.Time, new RandomSource(1), NullLogger.Instance);
        var two = watcher.WaitAsync(2, Patience, Token).AsTask();
        await node.Registry.RegisterAsync(Instance("cart", "c1"), Token);
        await UntilAsync(rig, OneSecond, "one instance", () => watcher.Current is { Instances.Length: 1 });
        Assert.False(two.IsCompleted);
        await node.Registry.RegisterAsync(Instance("cart", "c2"), Token);
        await UntilAsync(rig, OneSecond, "two instances", () => two.IsCompleted);
        Assert.Equal(2, (await two).Instances.Length);
        var three = watcher.WaitAsync(3, TimeSpan.FromMilliseconds(200), Token).AsTask();
        await UntilAsync(rig, OneSecond, "the time is over", () => three.IsCompleted);
        Assert.Contains("2 of 3", (await Assert.ThrowsAsync<TimeoutException>(() => three)).Message);
    }

    [Fact]
    public async Task REG_6_What_is_registered_is_found_exactly_with_large_metadata()
    {
        await using var rig = await StartAsync();
        var instance = new ServiceInstance(
            "cart.v1_x-y",
            "id with spaces, 'quotes' and ünïcödé/\u20ac",
            [new Uri("grpc://cart.example:443"), new Uri("http+insecure://[::1]:8080"), new Uri("grpc+unix+insecure:///tmp/a b.sock")],
            "1.2.3-beta+5",
            [new("zone", "a\n\"b\""), new("large", new string('x', 16_000)), new("", "")]);
        await rig.AddNode().Registry.RegisterAsync(instance, Token);
        await using var watch = new SnapshotRecorder(rig.AddNode().Resolver, "cart.v1_x-y");
        await UntilAsync(rig, OneSecond, "the instance", () => watch.Ids?.Length == 1);
        Assert.Equal(instance, watch.Snapshots[^1].Instances[0]);
    }

    [Fact]
    public async Task REG_9_All_watchers_of_a_process_share_one_snapshot_and_a_slow_one_skips_to_the_newest()
    {
        await using var rig = await StartAsync();
        var (a, b) = (rig.AddNode(), rig.AddNode());
        await using var slow = b.Resolver.WatchAsync("cart", Token).GetAsyncEnumerator(Token);
        Assert.True(await slow.MoveNextAsync());
        await using var one = new SnapshotRecorder(b.Resolver, "cart");
        await using var two = new SnapshotRecorder(b.Resolver, "cart");
        for (var i = 0; i < 300; i++)
        {
            await a.Registry.RegisterAsync(Instance("cart", $"c{i:000}"), Token);
        }

        await UntilAsync(rig, OneSecond, "all of them", () => one.Ids?.Length == 300 && two.Ids?.Length == 300);
        Assert.Same(one.Snapshots[^1], two.Snapshots[^1]);
        Assert.True(await slow.MoveNextAsync());
        Assert.Same(one.Snapshots[^1], slow.Current);
    }

    private static IServiceCatalog Catalog(RegistryNode node)
    {
        Assert.SkipUnless(node.Resolver is IServiceCatalog, "This resolver has no catalog.");
        return (IServiceCatalog)node.Resolver;
    }
}
