using System.Security.Cryptography;
using Micro.Discovery;

namespace Micro.Sqlite.Discovery;

/// <summary>One registration of this process. Its state is written by the registry's thread alone.</summary>
internal sealed class SqliteRegistration : IServiceRegistration
{
    private readonly SqliteServiceRegistry _registry;
    private readonly TimeProvider _time;
    private readonly TimeSpan _trusted;
    private readonly Lock _gate = new();
    private readonly LostSignal _signal = new();
    private readonly TaskCompletionSource _registered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ITimer _deadline;
    private readonly long _asked;
    private long _renewed;
    private long _leavingSince;
    private int _leaving;

    /// <param name="registry">Keeps it alive.</param>
    /// <param name="instance">What is registered.</param>
    /// <param name="time">The clock.</param>
    /// <param name="trusted">Time after the last renewal during which others surely see the instance: TTL less margin.</param>
    public SqliteRegistration(SqliteServiceRegistry registry, ServiceInstance instance, TimeProvider time, TimeSpan trusted)
    {
        _registry = registry;
        _time = time;
        _trusted = trusted;
        _asked = time.GetTimestamp();
        Instance = instance;
        Row = InstanceRow.Of(instance);
        _deadline = time.CreateTimer(static self => ((SqliteRegistration)self!).CheckDeadline(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public ServiceInstance Instance { get; }

    public CancellationToken Lost => _signal.Token;

    /// <summary>Tells this registration's row from those of others with the same id.</summary>
    public string Owner { get; } = RandomNumberGenerator.GetHexString(32, lowercase: true);

    public InstanceRow Row { get; }

    /// <summary>The row was written at least once.</summary>
    public Task Registered => _registered.Task;

    /// <summary>The row is in the file, as far as the last write knows.</summary>
    public bool IsListed { get; private set; }

    public bool IsLeaving => Volatile.Read(ref _leaving) != 0;

    /// <summary>How long the caller has been waiting for what the thread is to do.</summary>
    public TimeSpan Waiting => _time.GetElapsedTime(IsLeaving ? Volatile.Read(ref _leavingSince) : _asked);

    public async ValueTask DisposeAsync()
    {
        BeginLeave();
        await _registry.LeaveAsync(_left.Task);
    }

    /// <summary>Asks for the end; a second time does nothing.</summary>
    public void BeginLeave()
    {
        Volatile.Write(ref _leavingSince, _time.GetTimestamp());
        Volatile.Write(ref _leaving, 1);
        _deadline.Dispose();
    }

    /// <summary>The row was written by a transaction that began at the given monotonic time.</summary>
    public void Listed(long began)
    {
        lock (_gate)
        {
            IsListed = true;
            _renewed = began;
            var left = _trusted - _time.GetElapsedTime(began);
            if (left <= TimeSpan.Zero)
            {
                return; // written so late that it may be over already
            }

            _signal.Renew();
            if (!IsLeaving)
            {
                Arm(left);
            }
        }

        _registered.TrySetResult();
    }

    /// <summary>Another registration has taken the id.</summary>
    public void Superseded()
    {
        lock (_gate)
        {
            IsListed = false;
            _signal.Fire();
        }
    }

    /// <summary>Ends the wait of the caller who registers, if it still waits.</summary>
    public void Refused(Exception reason)
    {
        _registered.TrySetException(reason);
        _ = _registered.Task.Exception; // observed: a caller who was cancelled does not ask any more
    }

    public void Left()
    {
        IsListed = false;
        _deadline.Dispose();
        _left.TrySetResult();
        Refused(new ObjectDisposedException(nameof(IServiceRegistry), "The registry was disposed while this was being registered."));
    }

    /// <summary>Fires <see cref="Lost"/> if it is time; called by the timer, and by the registry's thread when it could not renew.</summary>
    public void CheckDeadline()
    {
        lock (_gate)
        {
            if (IsLeaving || !IsListed || _signal.HasFired)
            {
                return;
            }

            if (_trusted - _time.GetElapsedTime(_renewed) is var left && left > TimeSpan.Zero)
            {
                Arm(left); // renewed meanwhile, or the timer was a little early
                return;
            }

            _signal.Fire();
        }

        _registry.LogLost(Instance);
    }

    // Timers count whole milliseconds: rounded up, so as not to come early again and again.
    private void Arm(TimeSpan left) => _deadline.Change(TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
}
