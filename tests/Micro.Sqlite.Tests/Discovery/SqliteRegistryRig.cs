using System.Runtime.InteropServices;
using Micro.Sqlite.Discovery;
using Micro.Testing.Discovery;
using Microsoft.Extensions.Logging.Abstractions;

namespace Micro.Sqlite.Tests.Discovery;

/// <summary>Nodes with connections and threads of their own over one file in a directory of their own, in real time with short intervals.</summary>
internal sealed class SqliteRegistryRig : RegistryRig
{
    private readonly string _root = Directory.CreateTempSubdirectory("micro-sqlite-").FullName;
    private readonly List<RegistryNode> _nodes = [];

    public SqliteRegistryRig(TimeProvider? time = null) => Time = time ?? TimeProvider.System;

    public override TimeProvider Time { get; }

    public override TimeSpan Ttl => TimeSpan.FromSeconds(1.2);

    public string Home => Path.Combine(_root, "home");

    public string FilePath => Path.Combine(Home, "live.db");

    /// <summary>Whether resolvers use what the operating system reports, or poll alone.</summary>
    public bool UsesSignals { get; init; } = true;

    public SqliteDiscoveryOptions Options => new()
    {
        HeartbeatInterval = Ttl / 6,
        Ttl = Ttl,
        PollInterval = TimeSpan.FromMilliseconds(100),
        UsesSignals = UsesSignals,
    };

    public override RegistryNode AddNode()
    {
        var node = new RegistryNode(
            new SqliteServiceRegistry(Home, Options, Time, NullLogger<SqliteServiceRegistry>.Instance),
            new SqliteServiceResolver(Home, Options, Time, NullLogger<SqliteServiceResolver>.Instance));
        _nodes.Add(node);
        return node;
    }

    public override async ValueTask KillAsync(RegistryNode node)
    {
        await ((SqliteServiceRegistry)node.Registry).AbandonAsync();
        await ((SqliteServiceResolver)node.Resolver).DisposeAsync();
    }

    public override ValueTask BreakAsync()
    {
        File.WriteAllText(Home + ".other", "not a directory");
        Exchange();
        return ValueTask.CompletedTask;
    }

    public override ValueTask RestoreAsync()
    {
        Exchange();
        return ValueTask.CompletedTask;
    }

    public override async ValueTask PassAsync() => await Task.Delay(5);

    public override async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await ((SqliteServiceResolver)node.Resolver).DisposeAsync();
            await ((SqliteServiceRegistry)node.Registry).DisposeAsync();
        }

        Directory.Delete(_root, recursive: true);
    }

    // In one step: in a gap between two, a node would make a new home.
    private void Exchange()
    {
        const int CurrentDirectory = -100, ExchangeFlag = 2;
        Assert.Equal(0, renameat2(CurrentDirectory, Home, CurrentDirectory, Home + ".other", ExchangeFlag));
    }

    [DllImport("libc", EntryPoint = "renameat2")]
    private static extern int renameat2(
        int oldDirectory, [MarshalAs(UnmanagedType.LPUTF8Str)] string oldPath, int newDirectory, [MarshalAs(UnmanagedType.LPUTF8Str)] string newPath, uint flags);
}
