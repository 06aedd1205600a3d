using System.Runtime.CompilerServices;
using Micro.Discovery;
using Micro.Internal;
using Micro.Sqlite.Engine;
using Microsoft.Extensions.Logging;

namespace Micro.Sqlite.Discovery;

/// <summary>
/// Finds instances in <c>live.db</c>. One thread looks for all watchers of the process: when the operating system reports a write, and at every poll. A look
/// at a file in which nothing changed costs one <c>PRAGMA data_version</c> and two system calls; renewals alone cost one more row.
/// </summary>
internal sealed partial class SqliteServiceResolver : IServiceResolver, IServiceCatalog, IAsyncDisposable
{
    /// <summary>How long a locked file is not yet an error.</summary>
    private static readonly TimeSpan BusyPatience = TimeSpan.FromSeconds(5);

    /// <summary>How long a list outlives its last watcher, so that one who returns after an outage finds it.</summary>
    private static readonly TimeSpan IdleTime = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, WatchedService> _services = new(StringComparer.Ordinal);
    private readonly SqliteFile _file;
    private readonly SqliteDiscoveryOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<SqliteServiceResolver> _logger;
    private readonly WallClock _clock;
    private readonly WorkThread _thread;
    private TaskCompletionSource<IReadOnlyList<string>>? _list;
    private bool _disposed;

    // Used by the thread alone.
    private InstanceTable? _table;
    private FileSignal? _signal;
    private FileIdentity _lastFile;
    private long _dataVersion;
    private long? _revision;
    private bool _lookAtAll;
    private int _fileCount;
    private long? _graceSince;
    private long? _failingSince;

    public SqliteServiceResolver(string home, SqliteDiscoveryOptions options, TimeProvider time, ILogger<SqliteServiceResolver> logger)
    {
        options.Check();
        _file = new SqliteFile(home, LiveSchema.FileName, LiveSchema.Schema);
        _options = options;
        _time = time;
        _logger = logger;
        _clock = new WallClock(time);
        _thread = new WorkThread("Micro.Sqlite watch", Run, TimeSpan.FromMilliseconds(20));
        Source = $"sqlite ({_file.FullPath})";
    }

    public string Source { get; }

    public async IAsyncEnumerable<ServiceSnapshot> WatchAsync(string service, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ServiceInstance.CheckName(service);
        var (watched, feed) = Enter(service);
        try
        {
            await foreach (var snapshot in feed.WatchAsync(cancellationToken))
            {
                yield return snapshot;
            }
        }
        finally
        {
            Leave(watched);
        }
    }

    public async ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken)
    {
        Task<IReadOnlyList<string>> list;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _list ??= new TaskCompletionSource<IReadOnlyList<string>>(TaskCreationOptions.RunContinuationsAsynchronously);
            list = _list.Task;
        }

        _thread.Wake();
        return await list.WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        WatchedService[] watched;
        TaskCompletionSource<IReadOnlyList<string>>? list;
        lock (_gate)
        {
            _disposed = true;
            (watched, list) = ([.. _services.Values], _list);
        }

        await _thread.DisposeAsync();
        Close();
        foreach (var service in watched)
        {
            service.Feed.Fail(new ObjectDisposedException(nameof(SqliteServiceResolver)));
        }

        list?.TrySetException(new ObjectDisposedException(nameof(SqliteServiceResolver)));
    }

    private (WatchedService Watched, SnapshotFeed<ServiceSnapshot> Feed) Enter(string name)
    {
        WatchedService? watched;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (!_services.TryGetValue(name, out watched))
            {
                _services.Add(name, watched = new WatchedService(name, LogUnreadable));
            }

            if (watched.Watchers++ == 0 || watched.HasFailed)
            {
                // The old list may be out of date by now: a new feed waits for the next look.
                watched.Feed = new SnapshotFeed<ServiceSnapshot>();
                watched.HasFailed = false;
            }

            if (watched.Feed.Current is not null)
            {
                return (watched, watched.Feed);
            }
        }

        _thread.Wake();
        return (watched, watched.Feed);
    }

    private void Leave(WatchedService left)
    {
        lock (_gate)
        {
            left.Watchers--;
            left.IdleSince = _time.GetTimestamp();
            if (_services.Count == 1)
            {
                return;
            }

            foreach (var (name, watched) in _services)
            {
                if (watched.Watchers == 0 && (!watched.HasInstances || _time.GetElapsedTime(watched.IdleSince) > IdleTime))
                {
                    _services.Remove(name);
                }
            }
        }
    }

    private TimeSpan Run()
    {
        Watch[] watched;
        TaskCompletionSource<IReadOnlyList<string>>? list;
        lock (_gate)
        {
            watched = [.. _services.Values.Where(service => service.Watchers > 0 && !service.HasFailed).Select(service => new Watch(service, service.Feed))];
            list = _list;
        }

        if (watched.Length == 0 && list is null)
        {
            Close();
            return Timeout.InfiniteTimeSpan;
        }

        try
        {
            var next = Look(watched, list);
            _failingSince = null;
            return next;
        }
        catch (Exception exception)
        {
            // Whatever it is, the thread goes on and those who wait are told.
            var failure = SqliteErrors.Translate(_file.FullPath, exception);
            Fail(failure, watched, list);
            return _options.PollInterval;
        }
    }

    private TimeSpan Look(Watch[] watched, TaskCompletionSource<IReadOnlyList<string>>? list)
    {
        var table = Table();
        UpdateGrace();
        var fileChanged = HasChanged(table);
        var now = _clock.Now;
        var next = _options.PollInterval;
        foreach (var (service, feed) in watched)
        {
            if (_lookAtAll || service.IsDue(table, feed, fileChanged, now))
            {
                service.Load(table, feed, now, _fileCount, _graceSince is not null);
            }

            if (service.NextExpiry - now < next.TotalMilliseconds)
            {
                next = TimeSpan.FromMilliseconds(service.NextExpiry - now);
            }
        }

        _lookAtAll = false;
        if (list is not null)
        {
            var names = table.Services(now);
            Answer(list, answer => answer.TrySetResult(names));
        }

        return next;
    }

    private bool HasChanged(InstanceTable table)
    {
        var dataVersion = table.DataVersion();
        if (dataVersion == _dataVersion)
        {
            return false;
        }

        _dataVersion = dataVersion;
        var revision = table.Revision("");
        var changed = revision != _revision;
        _revision = revision;
        return changed;
    }

    private void UpdateGrace()
    {
        if (_clock.HasJumped() || _failingSince is not null)
        {
            _graceSince = _time.GetTimestamp();
        }

        if (_graceSince is not null && _time.GetElapsedTime(_graceSince.Value) >= _options.Ttl)
        {
            _graceSince = null;
            _lookAtAll = true;
        }
    }

    private void Fail(SqliteFileException failure, Watch[] watched, TaskCompletionSource<IReadOnlyList<string>>? list)
    {
        _failingSince ??= _time.GetTimestamp();
        _lookAtAll = true; // the look may have ended half way
        if (failure.IsBusy && _time.GetElapsedTime(_failingSince.Value) < BusyPatience)
        {
            return;
        }

        Close();
        var error = new RegistryUnavailableException(Source, failure.Reason, failure);
        foreach (var (service, feed) in watched)
        {
            lock (_gate)
            {
                service.HasFailed |= ReferenceEquals(service.Feed, feed);
                feed.Fail(error);
            }
        }

        if (list is not null)
        {
            Answer(list, answer => answer.TrySetException(error));
        }
    }

    private void Answer(TaskCompletionSource<IReadOnlyList<string>> list, Action<TaskCompletionSource<IReadOnlyList<string>>> answer)
    {
        lock (_gate)
        {
            _list = null;
        }

        answer(list);
    }

    private InstanceTable Table()
    {
        if (_table is not null && !_table.Lease.IsCurrent())
        {
            Close();
        }

        if (_table is not null)
        {
            return _table;
        }

        var lease = _file.Open();

        // Before the first look, so that what is written in between is reported if not seen.
        string? reason = null;
        _signal = _options.UsesSignals ? FileSignal.TryStart(_file.FullPath, _thread.Wake, out reason) : null;
        if (_signal is null && reason is not null)
        {
            LogPolling(_file.FullPath, _options.PollInterval.TotalMilliseconds, reason);
        }

        if (_lastFile != lease.Identity)
        {
            if (_fileCount++ > 0)
            {
                LogReplaced(_file.FullPath);
                _graceSince = _time.GetTimestamp();
            }

            _lastFile = lease.Identity;
        }

        (_dataVersion, _revision, _lookAtAll) = (-1, -1, true);
        return _table = new InstanceTable(lease);
    }

    private void Close()
    {
        _signal?.Dispose();
        _signal = null;
        _table?.Dispose();
        _table = null;
    }

    private readonly record struct Watch(WatchedService Service, SnapshotFeed<ServiceSnapshot> Feed);
}
