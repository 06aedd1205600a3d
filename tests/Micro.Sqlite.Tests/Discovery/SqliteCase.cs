using System.Diagnostics;
using Micro.Discovery;
using Micro.Internal;
using Micro.Testing.Discovery;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Micro.Sqlite.Tests.Discovery;

/// <summary>What the tests of the file, the clock and real processes share.</summary>
public abstract class SqliteCase
{
    private protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    private protected static ServiceInstance Instance(string id, int port = 5000) =>
        new("cart", id, [new Uri($"grpc+insecure://127.0.0.1:{port}")]);

    private protected static ServiceWatcher Watcher(SqliteRegistryRig rig, RegistryNode node) =>
        new(node.Resolver, "cart", rig.Time, new RandomSource(3), NullLogger.Instance);

    private protected static bool Shows(ServiceWatcher watcher, params string[] ids) =>
        watcher.Current is { } current && current.Instances.Select(instance => instance.Id).SequenceEqual(ids);

    private protected static async Task UntilAsync(TimeSpan limit, string what, Func<bool> condition)
    {
        var began = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < limit, $"Not within {limit.TotalSeconds} s: {what}.");
            await Task.Delay(5, Token);
        }
    }

    private protected static async Task WhileAsync(TimeSpan time, string what, Func<bool> condition)
    {
        for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < time; await Task.Delay(5, Token))
        {
            Assert.True(condition(), $"After {Stopwatch.GetElapsedTime(began).TotalSeconds:0.###} s no longer so: {what}.");
        }
    }

    private protected static void Sql(string path, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private protected static async Task<string> FailureAsync(RegistryNode node)
    {
        var registering = await Assert.ThrowsAsync<RegistryUnavailableException>(() => node.Registry.RegisterAsync(Instance("x"), Token).AsTask());
        var listing = await Assert.ThrowsAsync<RegistryUnavailableException>(() => ((IServiceCatalog)node.Resolver).ListAsync(Token).AsTask());
        Assert.Equal(registering.Message, listing.Message);
        return registering.Message;
    }
}
