using System.Security.Cryptography;
using Micro.Discovery;
using Micro.Sqlite.Engine;
using Microsoft.Extensions.Logging;

namespace Micro.Sqlite.Discovery;

/// <summary>
/// Registers this process's instances as rows of <c>live.db</c> and renews them. One thread brings the file to what the set of registrations asks for, all
/// of it in one transaction per run; callers wait for that without blocking. A row that was lost (expired while the process was frozen, or gone with its
/// file) is written again under the same id.
/// </summary>
internal sealed partial class SqliteServiceRegistry : IServiceRegistry, IAsyncDisposable
{
    /// <summary>How long registering and deregistering put up with a file that others keep locked.</summary>
    private static readonly TimeSpan BusyPatience = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly HashSet<SqliteRegistration> _registrations = [];
    private readonly SqliteFile _file;
    private readonly SqliteDiscoveryOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<SqliteServiceRegistry> _logger;
    private readonly WallClock _clock;
    private readonly WorkThread _thread;
    private readonly string _source;
    private bool _disposed;

    // Used by the thread alone.
    private InstanceTable? _table;
    private long _nextBeat;
    private long _reapFrom;
    private int _failures;

    public SqliteServiceRegistry(string home, SqliteDiscoveryOptions options, TimeProvider time, ILogger<SqliteServiceRegistry> logger)
    {
        options.Check();
        _file = new SqliteFile(home, LiveSchema.FileName, LiveSchema.Schema);
        _options = options;
        _time = time;
        _logger = logger;
        _source = $"sqlite ({_file.FullPath})";
        _clock = new WallClock(time);
        _thread = new WorkThread("Micro.Sqlite heartbeat", Run, TimeSpan.FromMilliseconds(5));
    }

    public async ValueTask<IServiceRegistration> RegisterAsync(ServiceInstance instance, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(instance);
        cancellationToken.ThrowIfCancellationRequested();
        var registration = new SqliteRegistration(this, instance, _time, _options.Ttl - _options.Margin);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _registrations.Add(registration);
        }

        _thread.Wake();
        try
        {
            await registration.Registered.WaitAsync(cancellationToken);
            return registration;
        }
        catch (OperationCanceledException)
        {
            registration.BeginLeave();
            _thread.Wake();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        SqliteRegistration[] left;
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            left = [.. _registrations];
        }

        await Task.WhenAll(left.Select(registration => registration.DisposeAsync().AsTask()));
        await _thread.DisposeAsync();
        Close();
    }

    internal async ValueTask LeaveAsync(Task left)
    {
        _thread.Wake();
        await left;
    }

    /// <summary>Stops all work as the death of the process would; for tests.</summary>
    internal async ValueTask AbandonAsync()
    {
        lock (_gate)
        {
            _disposed = true;
        }

        await _thread.DisposeAsync();
        Close();
        foreach (var registration in _registrations)
        {
            registration.Left();
        }
    }

    private TimeSpan Run()
    {
        SqliteRegistration[] registrations;
        lock (_gate)
        {
            registrations = [.. _registrations];
        }

        if (registrations.Length == 0)
        {
            Close();
            return Timeout.InfiniteTimeSpan;
        }

        try
        {
            Reconcile(registrations);
            if (_failures > 0)
            {
                LogRecovered(_source);
                _failures = 0;
            }

            return _time.GetElapsedTime(_time.GetTimestamp(), _nextBeat);
        }
        catch (Exception exception)
        {
            // Whatever it is, the thread goes on and those who wait are told.
            var failure = SqliteErrors.Translate(_file.FullPath, exception);
            return Failed(failure, registrations);
        }
    }

    private void Reconcile(SqliteRegistration[] registrations)
    {
        var table = Table();
        var began = _time.GetTimestamp();
        if (_clock.HasJumped())
        {
            _nextBeat = began;
            _reapFrom = After(began, _options.Ttl);
        }

        var isBeat = _nextBeat <= began;
        var outcomes = new List<(SqliteRegistration Registration, RowOutcome Outcome)>(registrations.Length);
        table.Write(() =>
        {
            var now = _clock.Now;
            foreach (var registration in registrations)
            {
                if (isBeat || !registration.IsListed || registration.IsLeaving)
                {
                    outcomes.Add((registration, Bring(table, registration, now)));
                }
            }

            if (isBeat && _reapFrom <= began && table.Reap(now) is > 0 and var count)
            {
                LogReaped(count);
            }
        });

        if (isBeat)
        {
            _nextBeat = After(began, _options.HeartbeatInterval);
        }

        Apply(outcomes, began);
    }

    private RowOutcome Bring(InstanceTable table, SqliteRegistration registration, long now)
    {
        var (row, owner) = (registration.Row, registration.Owner);
        if (registration.IsLeaving)
        {
            table.Remove(row, owner);
            return RowOutcome.Removed;
        }

        var ttl = (long)_options.Ttl.TotalMilliseconds;
        if (registration.IsListed && table.Renew(row, owner, now, now + ttl))
        {
            return RowOutcome.Written;
        }

        // The caller who registers takes an id over. A registration that comes back does not: the row may be of a successor.
        if (registration.Registered.IsCompleted && table.IsTaken(row, owner, now))
        {
            return RowOutcome.Taken;
        }

        table.Put(row, owner, ttl, now + ttl);
        return RowOutcome.Written;
    }

    private void Apply(List<(SqliteRegistration Registration, RowOutcome Outcome)> outcomes, long began)
    {
        foreach (var (registration, outcome) in outcomes)
        {
            switch (outcome)
            {
                case RowOutcome.Written:
                    registration.Listed(began);
                    break;
                case RowOutcome.Taken:
                    if (registration.IsListed)
                    {
                        LogTaken(registration.Instance);
                    }

                    registration.Superseded();
                    break;
                case RowOutcome.Removed:
                    Drop(registration);
                    registration.Left();
                    break;
            }
        }
    }

    private TimeSpan Failed(SqliteFileException failure, SqliteRegistration[] registrations)
    {
        if (!failure.IsBusy)
        {
            Close();
        }

        _nextBeat = _time.GetTimestamp();
        _reapFrom = After(_nextBeat, _options.Ttl);
        var error = new RegistryUnavailableException(_source, failure.Reason, failure);
        foreach (var registration in registrations)
        {
            registration.CheckDeadline();
            if (failure.IsBusy && registration.Waiting < BusyPatience)
            {
                continue;
            }

            if (registration.IsLeaving)
            {
                LogNotRemoved(error, registration.Instance);
                Drop(registration);
                registration.Left();
            }
            else if (!registration.Registered.IsCompleted)
            {
                Drop(registration);
                registration.Refused(error);
            }
        }

        if (_failures++ == 0 && !failure.IsBusy)
        {
            LogFailed(error);
        }

        return Pause();
    }

    // 50 ms, doubling up to the heartbeat, ±20 %.
    private TimeSpan Pause()
    {
        var pause = TimeSpan.FromMilliseconds(50 * Math.Pow(2, Math.Min(_failures - 1, 10)));
        return (pause < _options.HeartbeatInterval ? pause : _options.HeartbeatInterval) * (RandomNumberGenerator.GetInt32(80, 121) / 100.0);
    }

    private InstanceTable Table()
    {
        if (_table is not null && !_table.Lease.IsCurrent())
        {
            LogReplaced(_file.FullPath);
            Close();
        }

        if (_table is null)
        {
            _table = new InstanceTable(_file.Open());

            // Whoever comes back first must not remove the others, who will renew their rows in a moment.
            _nextBeat = _time.GetTimestamp();
            _reapFrom = After(_nextBeat, _options.Ttl);
        }

        return _table;
    }

    private void Drop(SqliteRegistration registration)
    {
        lock (_gate)
        {
            _registrations.Remove(registration);
        }
    }

    private void Close()
    {
        _table?.Dispose();
        _table = null;
    }

    private long After(long timestamp, TimeSpan time) => timestamp + (long)(time.TotalSeconds * _time.TimestampFrequency);
}
