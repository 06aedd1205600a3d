using System.Collections.Immutable;
using System.Text.Json;
using Micro.Discovery;
using Micro.Transport;

namespace Micro.Sqlite.Discovery;

/// <summary>
/// What this process knows of one service: all its watchers share the feed. <see cref="Watchers"/>, <see cref="Feed"/> and <see cref="IdleSince"/> are guarded by
/// the resolver's lock; the rest belongs to its thread.
/// </summary>
/// <param name="name">The service.</param>
/// <param name="unreadable">Told about rows that cannot be used, by service and id, once each.</param>
internal sealed class WatchedService(string name, Action<string, string, Exception> unreadable)
{
    private Dictionary<string, KnownInstance> _known = new(StringComparer.Ordinal);
    private long? _revision;

    public string Name { get; } = name;

    public SnapshotFeed<ServiceSnapshot> Feed { get; set; } = new();

    public int Watchers { get; set; }

    public long IdleSince { get; set; }

    /// <summary>The feed ended with an error; those who come next get a new one.</summary>
    public bool HasFailed { get; set; }

    public bool HasInstances => _known.Count > 0;

    /// <summary>When the first of the listed instances is over unless renewed; milliseconds since 1970.</summary>
    public long NextExpiry { get; private set; } = long.MaxValue;

    /// <summary>True when a look at the rows is due.</summary>
    public bool IsDue(InstanceTable table, SnapshotFeed<ServiceSnapshot> feed, bool fileChanged, long now) =>
        feed.Current is null || now >= NextExpiry || (fileChanged && table.Revision(Name) != _revision);

    /// <summary>Reads the rows and publishes a new snapshot if the list is another one.</summary>
    /// <param name="table">Where.</param>
    /// <param name="feed">Gets the snapshot.</param>
    /// <param name="now">Milliseconds since 1970.</param>
    /// <param name="file">Which of the files that had the name so far this is: rows that only an earlier one had say nothing.</param>
    /// <param name="grace">
    /// Known instances stay listed though the file does not show them as live: after an outage, or after the clock was set, their owners need a moment to
    /// renew their rows, and an error must never empty a list.
    /// </param>
    public void Load(InstanceTable table, SnapshotFeed<ServiceSnapshot> feed, long now, int file, bool grace)
    {
        // The revision first: a change that comes between the two reads is then seen again at the next look, instead of never.
        var revision = table.Revision(Name);
        var known = new Dictionary<string, KnownInstance>(_known.Count, StringComparer.Ordinal);
        var next = long.MaxValue;
        table.Read(Name, now, row =>
        {
            var before = _known.GetValueOrDefault(row.Id);
            var isKnown = before is not null && before.Revision == row.Revision && before.File == file;
            var instance = isKnown ? before!.Instance : Parse(row, before?.Instance);
            var isLive = row.IsLive;
            known.Add(row.Id, new KnownInstance(file, row.Revision, instance, instance is not null && (isLive || (grace && before is { IsListed: true }))));
            next = isLive ? Math.Min(next, row.Expires) : next;
        });

        foreach (var (id, before) in _known)
        {
            if (grace && before.IsListed && before.File != file)
            {
                known.TryAdd(id, before);
            }
        }

        (_known, _revision, NextExpiry) = (known, revision, next);
        Publish(feed);
    }

    private void Publish(SnapshotFeed<ServiceSnapshot> feed)
    {
        var instances = _known.Values
            .Where(entry => entry.IsListed)
            .Select(entry => entry.Instance!)
            .OrderBy(instance => instance.Id, StringComparer.Ordinal)
            .ToImmutableArray();
        if (feed.Current is not { } current || !current.Instances.SequenceEqual(instances))
        {
            feed.Publish(new ServiceSnapshot(Name, instances));
        }
    }

    private ServiceInstance? Parse(InstanceReader row, ServiceInstance? before)
    {
        try
        {
            var instance = row.Row().ToInstance();
            return instance.Equals(before) ? before : instance;
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException or MicroAddressException or UriFormatException)
        {
            unreadable(Name, row.Id, exception);
            return null;
        }
    }

    private sealed record KnownInstance(int File, long Revision, ServiceInstance? Instance, bool IsListed);
}
