using System.Collections.Immutable;

namespace Micro.Discovery;

/// <summary>
/// The instances of one service. All watchers share one snapshot, built when the first of them looks after a change, so that a burst of changes
/// costs one list whatever the number of changes and watchers. Guarded by the registry's lock.
/// </summary>
internal sealed class InMemoryService(string name)
{
    private readonly SortedDictionary<string, InMemoryRegistration> _entries = new(StringComparer.Ordinal);
    private ServiceSnapshot? _snapshot;
    private TaskCompletionSource? _changed;

    public string Name { get; } = name;

    public int Watchers { get; set; }

    public bool IsEmpty => _entries.Count == 0;

    /// <summary>Completes at the next change.</summary>
    public Task Changed => (_changed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public ServiceSnapshot Snapshot() => _snapshot ??= new ServiceSnapshot(Name, [.. _entries.Values.Select(entry => entry.Instance)]);

    public InMemoryRegistration? Find(string id) => _entries.GetValueOrDefault(id);

    public void Put(InMemoryRegistration registration)
    {
        _entries[registration.Instance.Id] = registration;
        Touch();
    }

    /// <summary>Removes an entry unless another registration has taken its id.</summary>
    public bool Remove(InMemoryRegistration registration)
    {
        if (!ReferenceEquals(Find(registration.Instance.Id), registration))
        {
            return false;
        }

        _entries.Remove(registration.Instance.Id);
        Touch();
        return true;
    }

    /// <summary>Wakes the watchers, though nothing may have changed.</summary>
    public void Wake()
    {
        var changed = _changed;
        _changed = null;
        changed?.TrySetResult();
    }

    private void Touch()
    {
        _snapshot = null;
        Wake();
    }
}
