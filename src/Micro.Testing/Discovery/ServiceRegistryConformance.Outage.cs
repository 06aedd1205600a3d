using Micro.Discovery;
using Micro.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

#pragma warning disable CS1591 // The names of the cases say what they prove.

namespace Micro.Testing.Discovery;

public abstract partial class ServiceRegistryConformance
{
    [Fact]
    public async Task REG_2_After_an_outage_registrations_return_by_themselves_with_the_same_ids()
    {
        await using var rig = await StartAsync();
        var (a, b, c) = (rig.AddNode(), rig.AddNode(), rig.AddNode());
        var one = await a.Registry.RegisterAsync(Instance("cart", "c1"), Token);
        await b.Registry.RegisterAsync(Instance("cart", "c2"), Token);
        await using var watcher = Watcher(rig, c);
        await UntilAsync(rig, OneSecond, "both are there", () => watcher.Current is { Instances.Length: 2 });
        await rig.BreakAsync();
        await UntilAsync(rig, Patience, "the outage is known to all", () => watcher.Current!.IsStale && one.Lost.IsCancellationRequested);
        await rig.RestoreAsync();
        await UntilAsync(rig, Patience, "the watch is back", () => !watcher.Current!.IsStale);
        await UntilAsync(rig, Patience, "the registration is back", () => !one.Lost.IsCancellationRequested);
        await WhileAsync(rig, rig.Ttl * 2, "both are there, once", () => watcher.Current!.Instances.Select(i => i.Id).SequenceEqual(["c1", "c2"]));
    }

    [Fact]
    public async Task REG_2_Who_left_or_died_during_an_outage_does_not_come_back()
    {
        await using var rig = await StartAsync();
        var (a, b, c) = (rig.AddNode(), rig.AddNode(), rig.AddNode());
        await a.Registry.RegisterAsync(Instance("cart", "stays"), Token);
        var left = await a.Registry.RegisterAsync(Instance("cart", "left"), Token);
        await b.Registry.RegisterAsync(Instance("cart", "died"), Token);
        await using var watcher = Watcher(rig, c);
        await UntilAsync(rig, OneSecond, "all are there", () => watcher.Current is { Instances.Length: 3 });
        await rig.BreakAsync();
        await UntilAsync(rig, Patience, "the outage is known", () => watcher.Current!.IsStale);
        await left.DisposeAsync();
        await rig.KillAsync(b);
        await rig.RestoreAsync();
        await UntilAsync(rig, Patience, "only one is left", () => watcher.Current is { IsStale: false, Instances: [{ Id: "stays" }] });
        await WhileAsync(rig, rig.Ttl * 2, "only one is left", () => watcher.Current is { Instances: [{ Id: "stays" }] });
    }

    [Fact]
    public async Task REG_3_An_outage_keeps_the_last_list_marked_stale_and_never_empties_it()
    {
        await using var rig = await StartAsync();
        var (a, c) = (rig.AddNode(), rig.AddNode());
        await a.Registry.RegisterAsync(Instance("cart", "c1"), Token);
        await using var watcher = Watcher(rig, c);
        await UntilAsync(rig, OneSecond, "it is there", () => watcher.Current is { Instances.Length: 1, IsStale: false });
        await rig.BreakAsync();
        await UntilAsync(rig, Patience, "it is stale", () => watcher.Current is { Instances.Length: 1, IsStale: true });
        await WhileAsync(rig, rig.Ttl * 2, "it is kept", () => watcher.Current is { Instances.Length: 1, IsStale: true });
        await rig.RestoreAsync();

        // Also not while the owner has had no time yet to renew what expired meanwhile.
        await WhileAsync(rig, rig.Ttl + (OneSecond * 3), "it is kept", () => watcher.Current is { Instances.Length: 1 });
        Assert.False(watcher.Current!.IsStale);
    }

    [Fact]
    public async Task REG_3_A_failed_look_up_is_an_error_that_names_the_registry_and_an_empty_one_is_not()
    {
        await using var rig = await StartAsync();
        var node = rig.AddNode();
        Assert.Empty((await LookUpAsync(node.Resolver, "cart")).Instances);
        await rig.BreakAsync();
        RegistryUnavailableException? failure = null;
        for (var began = rig.Time.GetTimestamp(); failure is null; await rig.PassAsync())
        {
            Assert.True(rig.Time.GetElapsedTime(began) < Patience, "The look-up does not fail.");
            failure = await Record.ExceptionAsync(() => LookUpAsync(node.Resolver, "cart")) as RegistryUnavailableException;
        }

        Assert.Equal(node.Resolver.Source, failure.Registry);
        Assert.Contains(node.Resolver.Source, failure.Message);
        if (node.Resolver is IServiceCatalog catalog)
        {
            await Assert.ThrowsAsync<RegistryUnavailableException>(() => catalog.ListAsync(Token).AsTask());
        }

        await Assert.ThrowsAsync<RegistryUnavailableException>(() => node.Registry.RegisterAsync(Instance("cart", "c1"), Token).AsTask());
        await rig.RestoreAsync();
        Assert.Empty((await LookUpAsync(node.Resolver, "cart")).Instances);
    }

    [Fact]
    public async Task REG_3_An_authoritative_empty_list_is_honoured()
    {
        await using var rig = await StartAsync();
        var (a, c) = (rig.AddNode(), rig.AddNode());
        var registration = await a.Registry.RegisterAsync(Instance("cart", "c1"), Token);
        await using var watcher = Watcher(rig, c);
        await UntilAsync(rig, OneSecond, "it is there", () => watcher.Current is { Instances.Length: 1 });
        await registration.DisposeAsync();
        await UntilAsync(rig, OneSecond, "it is gone", () => watcher.Current is { Instances.IsEmpty: true, IsStale: false });
    }

    [Fact]
    public async Task REG_5_Lost_fires_before_others_may_drop_the_instance_and_ends_when_it_is_back()
    {
        await using var rig = await StartAsync();
        var node = rig.AddNode();
        var registration = await node.Registry.RegisterAsync(Instance("cart", "c1"), Token);
        await WhileAsync(rig, rig.Ttl * 2, "it is renewed", () => !registration.Lost.IsCancellationRequested);
        await rig.BreakAsync();
        var lost = registration.Lost;
        await UntilAsync(rig, rig.Ttl * 0.95, "it knows that it may be lost, before its time to live is over", () => lost.IsCancellationRequested);
        await rig.RestoreAsync();
        await UntilAsync(rig, Patience, "it is back", () => !registration.Lost.IsCancellationRequested);
        Assert.True(lost.IsCancellationRequested, "The token of the first loss stays fired.");
    }

    private static ServiceWatcher Watcher(RegistryRig rig, RegistryNode node) =>
        new(node.Resolver, "cart", rig.Time, new RandomSource(7), NullLogger.Instance);
}
