using Micro.Internal;
using Microsoft.Extensions.Logging;

namespace Micro.Discovery;

/// <summary>
/// Follows one service for all callers of a process: one watch on the source whatever their number. Keeps the last list, marked stale, while the
/// source is away; an error never empties it, an empty answer does. Failed watches are begun again with growing, jittered pauses, and nobody's
/// impatience makes it sooner. Thread-safe.
/// </summary>
internal sealed partial class ServiceWatcher : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    // A source that restarts breaks the watches of all clients in the same instant. Each of them still has a list, so none is in a hurry.
    private static readonly TimeSpan ReconnectSpread = TimeSpan.FromSeconds(2);

    private readonly IServiceResolver _resolver;
    private readonly string _service;
    private readonly TimeProvider _time;
    private readonly RandomSource _random;
    private readonly ILogger _logger;
    private readonly SnapshotFeed<ServiceSnapshot> _feed = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationToken _stopped;
    private readonly Task _loop;
    private TaskCompletionSource<ServiceSnapshot> _first = NewFirst();
    private Exception? _failure;

    public ServiceWatcher(IServiceResolver resolver, string service, TimeProvider time, RandomSource random, ILogger logger)
    {
        ServiceInstance.CheckName(service);
        _resolver = resolver;
        _service = service;
        _time = time;
        _random = random;
        _logger = logger;
        _stopped = _stop.Token;
        _loop = Task.Run(RunAsync);
    }

    /// <summary>Every new list, and the last one again when it becomes stale. Called one at a time, in order; what a callback throws is logged.</summary>
    public event Action<ServiceSnapshot>? Changed;

    /// <summary>The newest list; null before the first answer.</summary>
    public ServiceSnapshot? Current => _feed.Current;

    /// <summary>The newest list, waiting for the first answer if need be. An empty list is an answer.</summary>
    /// <exception cref="RegistryUnavailableException">There is no list, and the source could not be asked: the same error for all who wait, and at once for those who come before the next try.</exception>
    public ValueTask<ServiceSnapshot> FirstAsync(CancellationToken cancellationToken) =>
        _feed.Current is { } current
            ? new ValueTask<ServiceSnapshot>(current)
            : new ValueTask<ServiceSnapshot>(Volatile.Read(ref _first).Task.WaitAsync(cancellationToken));

    /// <summary>Waits until the service has at least so many instances.</summary>
    /// <exception cref="TimeoutException">It had not in time; the message says how many there were and what the source answered.</exception>
    public async ValueTask<ServiceSnapshot> WaitAsync(int minInstances, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await foreach (var snapshot in _feed.WatchAsync(either.Token))
            {
                if (snapshot.Instances.Length >= minInstances && !snapshot.IsStale)
                {
                    return snapshot;
                }
            }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
        }

        var found = _feed.Current?.Instances.Length ?? 0;
        var failure = Volatile.Read(ref _failure);
        throw new TimeoutException(
            $"Service '{_service}' had {found} of {minInstances} instances after {timeout.TotalSeconds:0.###} s, asking {_resolver.Source}.{(failure is null ? "" : " " + failure.Message)}",
            failure);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        Volatile.Read(ref _first).TrySetException(new ObjectDisposedException(nameof(ServiceWatcher)));
        _ = Volatile.Read(ref _first).Task.Exception;
    }

    private async Task RunAsync()
    {
        var failures = 0;
        while (!_stopped.IsCancellationRequested)
        {
            var answered = false;
            BeginAttempt();
            try
            {
                await foreach (var snapshot in _resolver.WatchAsync(_service, _stopped))
                {
                    Accept(snapshot, recovered: failures > 0 && !answered);
                    answered = true;
                    failures = 0;
                }

                throw new RegistryUnavailableException(_resolver.Source, "its watch ended by itself");
            }
            catch (OperationCanceledException) when (_stopped.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                failures++;
                var pause = Pause(failures, answered);
                Fail(exception, failures, pause);
                if (!await DelayAsync(pause))
                {
                    return;
                }
            }
        }
    }

    private TimeSpan Pause(int failures, bool answered)
    {
        if (answered)
        {
            return FirstPause + (ReconnectSpread * _random.NextDouble());
        }

        var pause = FirstPause * Math.Pow(2, Math.Min(failures - 1, 10));
        return _random.Jitter(pause < LongestPause ? pause : LongestPause, 0.2);
    }

    private async Task<bool> DelayAsync(TimeSpan pause)
    {
        await Task.Delay(pause, _time, _stopped).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !_stopped.IsCancellationRequested;
    }

    private void BeginAttempt()
    {
        if (_first.Task.IsFaulted)
        {
            Volatile.Write(ref _first, NewFirst());
        }
    }

    private void Accept(ServiceSnapshot snapshot, bool recovered)
    {
        Volatile.Write(ref _failure, null);
        if (recovered)
        {
            LogRecovered(_service, _resolver.Source, snapshot.Instances.Length);
        }

        _feed.Publish(snapshot);
        _first.TrySetResult(snapshot);
        Raise(snapshot);
    }

    private void Fail(Exception exception, int failures, TimeSpan pause)
    {
        var failure = exception as RegistryUnavailableException
            ?? new RegistryUnavailableException(_resolver.Source, exception.Message, exception);
        Volatile.Write(ref _failure, failure);
        if (failures == 1)
        {
            LogFailed(failure, _service, pause.TotalSeconds);
        }
        else
        {
            LogFailedAgain(_service, failures, pause.TotalSeconds, failure.Message);
        }

        if (_feed.Current is not { } last)
        {
            _first.TrySetException(failure);
            _ = _first.Task.Exception; // observed: it is thrown again to whoever asks
        }
        else if (!last.IsStale)
        {
            var stale = last with { IsStale = true };
            _feed.Publish(stale);
            Raise(stale);
        }
    }

    private void Raise(ServiceSnapshot snapshot)
    {
        try
        {
            Changed?.Invoke(snapshot);
        }
        catch (Exception exception)
        {
            LogCallbackFailed(exception, _service);
        }
    }

    private static TaskCompletionSource<ServiceSnapshot> NewFirst() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
