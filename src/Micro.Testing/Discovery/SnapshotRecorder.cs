using System.Collections.Immutable;
using Micro.Discovery;

namespace Micro.Testing.Discovery;

/// <summary>Watches a service in the background and keeps every snapshot it saw. Disposing ends the watch.</summary>
public sealed class SnapshotRecorder : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watch;
    private ImmutableList<ServiceSnapshot> _snapshots = [];

    /// <summary>Begins to watch.</summary>
    public SnapshotRecorder(IServiceResolver resolver, string service)
    {
        ArgumentNullException.ThrowIfNull(resolver);
        _watch = Task.Run(() => WatchAsync(resolver, service));
    }

    /// <summary>All snapshots so far, in order.</summary>
    public ImmutableList<ServiceSnapshot> Snapshots => Volatile.Read(ref _snapshots);

    /// <summary>Ids in the newest snapshot; null before the first.</summary>
    public ImmutableArray<string>? Ids => Snapshots is [.., var last] ? [.. last.Instances.Select(instance => instance.Id)] : null;

    /// <summary>What ended the watch; null while it runs.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>True when the newest snapshot has exactly these ids.</summary>
    public bool Shows(params IReadOnlyList<string> ids) => Failure is null && Ids is { } seen && seen.SequenceEqual(ids.Order(StringComparer.Ordinal));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watch;
        _stop.Dispose();
    }

    private async Task WatchAsync(IServiceResolver resolver, string service)
    {
        try
        {
            await foreach (var snapshot in resolver.WatchAsync(service, _stop.Token))
            {
                Volatile.Write(ref _snapshots, _snapshots.Add(snapshot));
            }

            Failure = new InvalidOperationException("The watch ended without an error.");
        }
        catch (Exception exception)
        {
            Failure = exception;
        }
    }
}
