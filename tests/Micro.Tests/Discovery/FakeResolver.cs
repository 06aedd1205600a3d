using System.Runtime.CompilerServices;
using Micro.Discovery;

namespace Micro.Tests.Discovery;

/// <summary>A source that a test answers for, and that counts how often it is asked.</summary>
internal sealed class FakeResolver : IServiceResolver
{
    private SnapshotFeed<ServiceSnapshot> _feed = new();
    private int _watches;

    public string Source => "fake (test)";

    /// <summary>How many watches were begun.</summary>
    public int Watches => Volatile.Read(ref _watches);

    /// <summary>Called at the begin of each watch.</summary>
    public Action? Asked { get; set; }

    public void Answer(params IReadOnlyList<string> ids) => Volatile.Read(ref _feed).Publish(new ServiceSnapshot(
        "cart",
        [.. ids.Select(id => new ServiceInstance("cart", id, [new Uri("grpc+insecure://127.0.0.1:5000")]))]));

    /// <summary>Ends all watches and lets those that begin fail, until the next <see cref="Answer"/>.</summary>
    public void Fail(Exception? failure = null) =>
        Volatile.Read(ref _feed).Fail(failure ?? new RegistryUnavailableException(Source, "the test took it away"));

    /// <summary>As after a restart that lost everything: nothing is answered until told.</summary>
    public void Reset() => Volatile.Write(ref _feed, new SnapshotFeed<ServiceSnapshot>());

    public async IAsyncEnumerable<ServiceSnapshot> WatchAsync(string service, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _watches);
        Asked?.Invoke();
        await foreach (var snapshot in Volatile.Read(ref _feed).WatchAsync(cancellationToken))
        {
            yield return snapshot;
        }
    }
}
