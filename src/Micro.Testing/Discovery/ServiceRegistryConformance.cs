using Micro.Discovery;
using Xunit;

namespace Micro.Testing.Discovery;

/// <summary>
/// What every registry with its resolver must do, seen from several processes over one backend. Derive a test class from it and provide
/// <see cref="StartAsync"/>. The cases are in the parts of this class by topic.
/// </summary>
public abstract partial class ServiceRegistryConformance
{
    private static readonly TimeSpan OneSecond = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    /// <summary>Longer than anything takes that is not bounded by the case itself.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Starts an empty backend.</summary>
    protected abstract ValueTask<RegistryRig> StartAsync();

    /// <summary>Token of the running case.</summary>
    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>An instance for tests; the port makes two with one id different.</summary>
    protected static ServiceInstance Instance(string service, string id, int port = 5000, string version = "latest") =>
        new(service, id, [new Uri($"grpc+insecure://127.0.0.1:{port}")], version);

    /// <summary>
    /// Waits, on the rig's clock, until a condition holds; fails when it does not in time. Where the machine holds up the test itself, the limit moves by as much.
    /// </summary>
    protected static async Task UntilAsync(RegistryRig rig, TimeSpan limit, string what, Func<bool> condition)
    {
        var began = rig.Time.GetTimestamp();
        var stalled = TimeSpan.Zero;
        while (!condition())
        {
            Assert.True(rig.Time.GetElapsedTime(began) <= limit + stalled, $"Not within {limit.TotalSeconds:0.###} s: {what}.");
            var step = rig.Time.GetTimestamp();
            await rig.PassAsync();
            var late = rig.Time.GetElapsedTime(step) - Step;
            stalled += late > TimeSpan.Zero ? late : TimeSpan.Zero;
        }
    }

    /// <summary>Lets time pass during which a condition must hold.</summary>
    protected static async Task WhileAsync(RegistryRig rig, TimeSpan time, string what, Func<bool> condition)
    {
        for (var began = rig.Time.GetTimestamp(); rig.Time.GetElapsedTime(began) < time; await rig.PassAsync())
        {
            Assert.True(condition(), $"After {rig.Time.GetElapsedTime(began).TotalSeconds:0.###} s no longer so: {what}.");
        }
    }

    /// <summary>What a look-up finds now.</summary>
    protected static async Task<ServiceSnapshot> LookUpAsync(IServiceResolver resolver, string service)
    {
        await foreach (var snapshot in resolver.WatchAsync(service, Token))
        {
            return snapshot;
        }

        throw new InvalidOperationException("The watch ended.");
    }

    private static string[] Versions(SnapshotRecorder recorder) =>
        recorder.Snapshots is [.., var last] ? [.. last.Instances.Select(instance => instance.Version).Order()] : [];
}
