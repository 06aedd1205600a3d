using System.Diagnostics;
using Micro.Discovery;
using Micro.Sqlite.Discovery;
using Micro.Testing.Discovery;
using Microsoft.Data.Sqlite;

namespace Micro.Sqlite.Tests.Discovery;

/// <summary>The file is missing, strange, damaged, locked or replaced: a clear error, nobody forgotten, and all well again by itself.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class LiveFileTests : SqliteCase
{
    [Fact]
    public async Task REG_2_A_file_that_is_no_database_is_a_clear_error_and_deleting_it_is_all_it_takes()
    {
        await using var rig = new SqliteRegistryRig();
        Directory.CreateDirectory(rig.Home, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await File.WriteAllTextAsync(rig.FilePath, string.Concat(Enumerable.Repeat("this is no database. ", 500)), Token);
        var node = rig.AddNode();
        var message = await FailureAsync(node);
        Assert.Contains(rig.FilePath, message);
        Assert.Contains("delete it", message);
        File.Delete(rig.FilePath);
        await node.Registry.RegisterAsync(Instance("c1"), Token);
        Assert.Equal(["cart"], await ((IServiceCatalog)node.Resolver).ListAsync(Token));
    }

    [Fact]
    public async Task REG_2_A_newer_format_is_refused_by_name()
    {
        await using var rig = new SqliteRegistryRig();
        await rig.AddNode().Registry.RegisterAsync(Instance("c1"), Token);
        Sql(rig.FilePath, "PRAGMA user_version = 99");
        Assert.Contains("format 99", await FailureAsync(rig.AddNode()));
    }

    [Fact]
    public async Task REG_2_A_database_of_another_program_is_refused_and_left_alone()
    {
        await using var rig = new SqliteRegistryRig();
        Directory.CreateDirectory(rig.Home, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Sql(rig.FilePath, "CREATE TABLE theirs (x)");
        Assert.Contains("another program", await FailureAsync(rig.AddNode()));
        Sql(rig.FilePath, "INSERT INTO theirs VALUES (1)");
    }

    [Fact]
    public async Task REG_2_A_directory_in_place_of_the_file_is_a_clear_error()
    {
        await using var rig = new SqliteRegistryRig();
        Directory.CreateDirectory(rig.Home, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Directory.CreateDirectory(rig.FilePath);
        Assert.Contains("check that it is a file", await FailureAsync(rig.AddNode()));
    }

    [Fact]
    public async Task REG_2_An_empty_file_is_as_good_as_none()
    {
        await using var rig = new SqliteRegistryRig();
        Directory.CreateDirectory(rig.Home, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await File.WriteAllBytesAsync(rig.FilePath, [], Token);
        var node = rig.AddNode();
        await node.Registry.RegisterAsync(Instance("c1"), Token);
        Assert.Equal(["cart"], await ((IServiceCatalog)node.Resolver).ListAsync(Token));
    }

    [Theory]
    [InlineData("live.db*")]
    [InlineData("live.db")]
    [InlineData("*")]
    public async Task REG_2_When_the_file_is_deleted_all_register_again_and_no_list_is_ever_empty(string pattern)
    {
        await using var rig = new SqliteRegistryRig();
        var (a, b) = (rig.AddNode(), rig.AddNode());
        await a.Registry.RegisterAsync(Instance("c1"), Token);
        await b.Registry.RegisterAsync(Instance("c2"), Token);
        await using var watcher = Watcher(rig, b);
        await UntilAsync(Patience, "both are there", () => Shows(watcher, "c1", "c2"));
        foreach (var file in Directory.GetFiles(rig.Home, pattern))
        {
            File.Delete(file);
        }

        if (pattern == "*")
        {
            Directory.Delete(rig.Home);
        }

        // The list stays while a newcomer, who knows nothing of before, finds both in the new file.
        var newcomer = rig.AddNode();
        await using var fresh = new SnapshotRecorder(newcomer.Resolver, "cart");
        await UntilAsync(Patience, "both are in the new file", () => Shows(watcher, "c1", "c2") && fresh.Shows("c1", "c2"));
        await WhileAsync(rig.Ttl * 2, "both stay", () => Shows(watcher, "c1", "c2") && !watcher.Current!.IsStale);
    }

    [Fact]
    public async Task REG_2_A_file_that_is_overwritten_costs_nobody_the_process()
    {
        await using var rig = new SqliteRegistryRig();
        var (a, b) = (rig.AddNode(), rig.AddNode());
        await a.Registry.RegisterAsync(Instance("c1"), Token);
        await using var watcher = Watcher(rig, b);
        await UntilAsync(Patience, "it is there", () => Shows(watcher, "c1"));

        // From another process: closing the file here would drop the locks SQLite holds on it for this process.
        using (var overwrite = Process.Start("sh", ["-c", $"for f in '{rig.FilePath}' '{rig.FilePath}-wal'; do head -c 50000 /dev/urandom > $f.x; cat $f.x > $f; rm $f.x; done"]))
        {
            await overwrite.WaitForExitAsync(Token);
        }

        // Those who have the file open may go on with the pages they know; a newcomer is told what to do.
        Assert.Contains("damaged", await FailureAsync(rig.AddNode()));
        await WhileAsync(rig.Ttl, "the list stays", () => Shows(watcher, "c1"));
        foreach (var file in Directory.GetFiles(rig.Home, "live.db*"))
        {
            File.Delete(file);
        }

        await using var fresh = new SnapshotRecorder(rig.AddNode().Resolver, "cart");
        await UntilAsync(Patience, "all is well again", () => Shows(watcher, "c1") && !watcher.Current!.IsStale && fresh.Shows("c1"));
    }

    [Fact]
    public async Task REG_5_While_another_process_locks_the_file_a_registration_knows_that_it_is_lost_and_returns()
    {
        await using var rig = new SqliteRegistryRig();
        var (a, b) = (rig.AddNode(), rig.AddNode());
        var registration = await a.Registry.RegisterAsync(Instance("c1"), Token);
        await using var watcher = Watcher(rig, b);
        await UntilAsync(Patience, "it is there", () => Shows(watcher, "c1"));
        Task<IServiceRegistration> late;
        using (var connection = new SqliteConnection($"Data Source={rig.FilePath};Pooling=False"))
        {
            connection.Open();
            using var locked = connection.BeginTransaction(deferred: false);
            var began = Stopwatch.GetTimestamp();
            late = b.Registry.RegisterAsync(Instance("c2"), Token).AsTask();
            await UntilAsync(rig.Ttl, "it knows", () => registration.Lost.IsCancellationRequested);
            await UntilAsync(Patience, "others no longer see it", () => Shows(watcher));
            Assert.True(Stopwatch.GetElapsedTime(began) > rig.Ttl / 2);
            Assert.False(watcher.Current!.IsStale, "A locked file can be read.");
            Assert.False(late.IsCompleted, "A lock is waited for.");
        }

        await late;
        await UntilAsync(Patience, "both are there", () => Shows(watcher, "c1", "c2") && !registration.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task REG_6_A_row_that_cannot_be_read_is_left_out_and_hides_nobody()
    {
        await using var rig = new SqliteRegistryRig();
        var node = rig.AddNode();
        await node.Registry.RegisterAsync(Instance("c1"), Token);
        var expires = DateTimeOffset.UtcNow.AddMinutes(1).ToUnixTimeMilliseconds();
        foreach (var (id, addresses) in new[] { ("bad1", "not json"), ("bad2", """["grpc://169.254.169.254:80"]"""), ("bad3", """["::"]""") })
        {
            Sql(rig.FilePath, $"INSERT INTO instances VALUES ('cart', '{id}', 'x', '1', '{addresses}', '{{}}', 1, 60000, {expires})");
        }

        await using var watch = new SnapshotRecorder(rig.AddNode().Resolver, "cart");
        await UntilAsync(Patience, "the good one", () => watch.Shows("c1"));
        await WhileAsync(rig.Ttl, "the good one", () => watch.Shows("c1"));
    }

    [Fact]
    public async Task REG_1_Many_who_start_at_once_on_an_empty_home_all_get_in()
    {
        await using var rig = new SqliteRegistryRig();
        var nodes = Enumerable.Range(0, 24).Select(_ => rig.AddNode()).ToList();
        using var barrier = new Barrier(nodes.Count);
        await Task.WhenAll(nodes.Select((node, i) => Task.Factory.StartNew(
            () =>
            {
                barrier.SignalAndWait(Token);
                return node.Registry.RegisterAsync(Instance($"c{i:00}"), Token).AsTask();
            },
            Token, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap()));
        await using var watch = new SnapshotRecorder(nodes[0].Resolver, "cart");
        await UntilAsync(Patience, "all are there", () => watch.Ids?.Length == nodes.Count);
        Assert.DoesNotContain(Directory.GetFiles(rig.Home), file => file.EndsWith(".new", StringComparison.Ordinal));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(rig.FilePath));
    }

    [Fact]
    public async Task REG_1_Without_reports_of_the_operating_system_polling_is_quick_enough()
    {
        await using var rig = new SqliteRegistryRig { UsesSignals = false };
        var (a, b) = (rig.AddNode(), rig.AddNode());
        await using var watch = new SnapshotRecorder(b.Resolver, "cart");
        await UntilAsync(Patience, "it watches", () => watch.Shows());
        var registration = await a.Registry.RegisterAsync(Instance("c1"), Token);
        await UntilAsync(TimeSpan.FromSeconds(1), "it is there", () => watch.Shows("c1"));
        await registration.DisposeAsync();
        await UntilAsync(TimeSpan.FromSeconds(1), "it is gone", () => watch.Shows());
    }

    [Theory]
    [InlineData(30)]
    [InlineData(-30)]
    public async Task REG_3_Setting_the_clock_empties_no_list_and_leaves_no_zombie(int days)
    {
        var time = new ShiftedTimeProvider();
        await using var rig = new SqliteRegistryRig(time);
        var (a, b, c) = (rig.AddNode(), rig.AddNode(), rig.AddNode());
        await a.Registry.RegisterAsync(Instance("alive"), Token);
        await b.Registry.RegisterAsync(Instance("killed"), Token);
        await using var watcher = Watcher(rig, c);
        await UntilAsync(Patience, "both are there", () => Shows(watcher, "alive", "killed"));
        time.Set(TimeSpan.FromDays(days));
        await WhileAsync(rig.Ttl * 2, "both are there", () => Shows(watcher, "alive", "killed"));
        await rig.KillAsync(b);
        time.Set(TimeSpan.Zero);
        await UntilAsync((rig.Ttl * 2) + TimeSpan.FromSeconds(1), "only the live one", () => Shows(watcher, "alive"));
        await WhileAsync(rig.Ttl, "only the live one", () => Shows(watcher, "alive"));
    }

    [Fact]
    public async Task REG_9_Who_no_longer_watches_or_registers_leaves_no_open_file()
    {
        await using var rig = new SqliteRegistryRig();
        var node = rig.AddNode();
        var registration = await node.Registry.RegisterAsync(Instance("c1"), Token);
        await using (var watch = new SnapshotRecorder(node.Resolver, "cart"))
        {
            await UntilAsync(Patience, "it is there", () => watch.Shows("c1"));
            Assert.NotEmpty(OpenFiles(rig.Home));
        }

        await registration.DisposeAsync();
        await UntilAsync(Patience, "no file is open", () => OpenFiles(rig.Home).Count == 0);
    }

    private static List<string> OpenFiles(string home)
    {
        var open = new List<string>();
        foreach (var link in Directory.GetFiles("/proc/self/fd"))
        {
            try
            {
                open.Add(File.ResolveLinkTarget(link, returnFinalTarget: false)?.FullName ?? "");
            }
            catch (IOException)
            {
                // Closed since it was listed.
            }
        }

        return open.FindAll(target => target.StartsWith(home, StringComparison.Ordinal));
    }
}
