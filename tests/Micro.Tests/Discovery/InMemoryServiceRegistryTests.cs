using CsCheck;
using Micro.Discovery;
using Micro.Testing.Discovery;
using Microsoft.Extensions.Time.Testing;

namespace Micro.Tests.Discovery;

public sealed class InMemoryServiceRegistryTests : ServiceRegistryConformance
{
    protected override ValueTask<RegistryRig> StartAsync() => new(new InMemoryRegistryRig());

    [Fact]
    public void REG_9_Ten_thousand_changes_before_anyone_looks_cost_one_list()
    {
        using var registry = new InMemoryServiceRegistry(new FakeTimeProvider());
        for (var i = 0; i < 10_000; i++)
        {
            _ = registry.RegisterAsync(Instance("cart", $"c{i}"), Token);
        }

        var watchers = Enumerable.Range(0, 100).Select(_ => registry.WatchAsync("cart", Token).GetAsyncEnumerator(Token)).ToList();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var pending = watchers.Select(watcher => watcher.MoveNextAsync()).ToList();
        var spent = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.All(pending, one => Assert.True(one.IsCompletedSuccessfully));
        Assert.All(watchers, watcher => Assert.Same(watchers[0].Current, watcher.Current));

        // One array of 10,000 references is 80 kB; a hundred would be 8 MB.
        Assert.True(spent < 1_000_000, $"{spent} bytes were allocated.");
    }

    [Fact]
    public void REG_4_Any_sequence_of_registering_and_leaving_ends_in_the_list_of_a_simple_model() =>
        Gen.Int[0, 5].Array[0, 60].Sample(ids =>
        {
            using var registry = new InMemoryServiceRegistry(new FakeTimeProvider());
            var model = new SortedDictionary<string, int>(StringComparer.Ordinal);
            var held = new Dictionary<string, IServiceRegistration>();
            for (var port = 1; port <= ids.Length; port++)
            {
                var id = $"c{ids[port - 1]}";
                if (held.Remove(id, out var registration))
                {
                    Assert.True(registration.DisposeAsync().IsCompleted);
                    model.Remove(id);
                }
                else
                {
                    held[id] = registry.RegisterAsync(Instance("cart", id, port), CancellationToken.None).GetAwaiter().GetResult();
                    model[id] = port;
                }
            }

            var watch = registry.WatchAsync("cart", CancellationToken.None).GetAsyncEnumerator();
            Assert.True(watch.MoveNextAsync().IsCompletedSuccessfully);
            Assert.Equal(model.Select(entry => (entry.Key, entry.Value)), watch.Current.Instances.Select(i => (i.Id, i.Addresses[0].Port)));
        });
}
