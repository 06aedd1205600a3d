using Micro.Discovery;
using Micro.Soak.Registry;
using Micro.Testing.Discovery;

namespace Micro.Sqlite.Tests.Discovery;

/// <summary>Real processes that are killed, frozen and stopped.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class RegistryProcessTests : SqliteCase
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "Micro.Soak.dll");

    [Fact]
    public async Task REG_1_A_process_killed_by_SIGKILL_is_gone_after_its_time_to_live_and_a_second()
    {
        await using var rig = new SqliteRegistryRig();
        await using var watch = new SnapshotRecorder(rig.AddNode().Resolver, "cart");
        using var killed = Start(rig, "killed");
        using var alive = Start(rig, "alive");
        await Task.WhenAll(killed.Registered, alive.Registered);
        await UntilAsync(TimeSpan.FromSeconds(1), "both are there", () => watch.Shows("alive", "killed"));
        killed.Kill();
        await UntilAsync(rig.Ttl + TimeSpan.FromSeconds(1), "one is gone", () => watch.Shows("alive"));
        await WhileAsync(rig.Ttl, "the other one stays", () => watch.Shows("alive"));
        await alive.StopAsync();
        await UntilAsync(TimeSpan.FromSeconds(1), "the other one has left", () => watch.Shows());
    }

    [Fact]
    public async Task REG_2_A_restarted_process_takes_its_id_over_without_a_double_or_a_zombie()
    {
        await using var rig = new SqliteRegistryRig();
        await using var watch = new SnapshotRecorder(rig.AddNode().Resolver, "cart");
        using var first = Start(rig, "c1", 5001);
        await first.Registered;
        await UntilAsync(TimeSpan.FromSeconds(1), "the first life", () => Port(watch) == 5001);
        first.Kill();
        using var second = Start(rig, "c1", 5002);
        await second.Registered;
        await UntilAsync(TimeSpan.FromSeconds(1), "the second life", () => Port(watch) == 5002);
        await WhileAsync(rig.Ttl * 2, "the second life", () => Port(watch) == 5002);
        Assert.All(watch.Snapshots, snapshot => Assert.True(snapshot.Instances.Length <= 1));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task REG_2_A_process_that_was_frozen_for_longer_than_its_time_to_live_returns_under_its_id(bool isRemovedMeanwhile)
    {
        await using var rig = new SqliteRegistryRig();
        await using var watch = new SnapshotRecorder(rig.AddNode().Resolver, "cart");
        string[] others = isRemovedMeanwhile ? ["other"] : [];
        foreach (var other in others)
        {
            await rig.AddNode().Registry.RegisterAsync(Instance(other), Token); // its renewals remove what is over
        }

        using var frozen = Start(rig, "frozen");
        await frozen.Registered;
        await UntilAsync(TimeSpan.FromSeconds(1), "it is there", () => watch.Shows(["frozen", .. others]));
        frozen.Freeze();
        await UntilAsync(rig.Ttl + TimeSpan.FromSeconds(1), "it is gone", () => watch.Shows(others));
        await WhileAsync(rig.Ttl, "it is gone", () => watch.Shows(others));
        frozen.Thaw();
        await UntilAsync(rig.Ttl + TimeSpan.FromSeconds(1), "it is back", () => watch.Shows(["frozen", .. others]));
        await UntilAsync(Patience, "it noticed", () => frozen.Lost != 0);
    }

    [Fact]
    public async Task REG_3_After_the_file_was_replaced_those_who_had_no_time_yet_to_return_stay_listed_for_a_while()
    {
        await using var rig = new SqliteRegistryRig();
        var node = rig.AddNode();
        await node.Registry.RegisterAsync(Instance("quick"), Token);
        await using var watcher = Watcher(rig, rig.AddNode());
        using var slow = Start(rig, "slow");
        await slow.Registered;
        await UntilAsync(Patience, "both are there", () => Shows(watcher, "quick", "slow"));
        slow.Freeze();
        foreach (var file in Directory.GetFiles(rig.Home, "live.db*"))
        {
            File.Delete(file);
        }

        await using var newcomer = new SnapshotRecorder(rig.AddNode().Resolver, "cart");
        await UntilAsync(Patience, "the new file has the quick one", () => newcomer.Shows("quick"));
        await WhileAsync(rig.Ttl / 2, "the slow one stays", () => Shows(watcher, "quick", "slow"));
        await UntilAsync(rig.Ttl + TimeSpan.FromSeconds(1), "but not for ever", () => Shows(watcher, "quick"));
        slow.Thaw();
        await UntilAsync(Patience, "it is back", () => Shows(watcher, "quick", "slow"));
    }

    [Fact]
    public async Task REG_3_After_an_outage_those_whose_time_ran_out_meanwhile_stay_listed_for_a_while()
    {
        await using var rig = new SqliteRegistryRig();
        await using var watcher = Watcher(rig, rig.AddNode());
        using var slow = Start(rig, "slow");
        await slow.Registered;
        await UntilAsync(Patience, "it is there", () => Shows(watcher, "slow"));
        await rig.BreakAsync();
        await UntilAsync(Patience, "the outage is known", () => watcher.Current!.IsStale);
        slow.Freeze();
        await WhileAsync(rig.Ttl * 1.5, "it is kept", () => Shows(watcher, "slow"));
        await rig.RestoreAsync();
        await UntilAsync(Patience, "the outage is over", () => !watcher.Current!.IsStale);
        await WhileAsync(rig.Ttl / 2, "it stays", () => Shows(watcher, "slow"));
        await UntilAsync(rig.Ttl + TimeSpan.FromSeconds(1), "but not for ever", () => Shows(watcher));
    }

    [Fact]
    public async Task REG_1_Processes_that_start_together_on_an_empty_home_all_get_in()
    {
        await using var rig = new SqliteRegistryRig();
        var nodes = Enumerable.Range(0, 6).Select(i => Start(rig, $"c{i}")).ToList();
        try
        {
            await Task.WhenAll(nodes.Select(node => node.Registered)).WaitAsync(TimeSpan.FromMinutes(1), Token);
            await using var watch = new SnapshotRecorder(rig.AddNode().Resolver, "cart");
            await UntilAsync(Patience, "all are there", () => watch.Ids?.Length == nodes.Count);
        }
        finally
        {
            nodes.ForEach(node => node.Dispose());
        }
    }

    private static NodeProcess Start(SqliteRegistryRig rig, string id, int port = 5000) => NodeProcess.Start(
        Program,
        "--home", rig.Home, "--service", "cart", "--id", id, "--port", $"{port}",
        "--heartbeat", $"{rig.Ttl.TotalMilliseconds / 6:0}", "--ttl", $"{rig.Ttl.TotalMilliseconds:0}");

    private static int? Port(SnapshotRecorder watch) =>
        watch.Snapshots is [.., { Instances: [{ } only] }] ? only.Addresses[0].Port : null;
}
