using System.Collections.Concurrent;
using Micro.Codecs;
using Micro.Discovery;
using Micro.Internal;
using Micro.LoadBalancing;
using Micro.Transport;
using Microsoft.Extensions.Logging;

namespace Micro.Rpc;

/// <summary>
/// Everything outgoing calls from one service of this process to one other share: its instances, its balancer, its retry budget and its connections. Made once for each such pair;
/// the pipelines of its methods hold it. Picking never waits once a snapshot is there.
/// </summary>
internal sealed class ClientChannel : IAsyncDisposable
{
    private const int MaxDirectAddresses = 256;

    /// <summary>Most bytes of streamed requests that all calls of the service together keep to send them again (LB-7, as grpc-dotnet): 16 MiB.</summary>
    private const long MaxKeptBytes = 16 * 1024 * 1024;

    /// <summary>Attached to an instance that left before it was connected to, so that it never is.</summary>
    private static readonly object Left = new();

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);

    private readonly ServiceWatcher _watcher;
    private readonly InstanceSet _instances;
    private readonly ILoadBalancer _balancer;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<Uri, InstanceState> _direct = new();
    private readonly Lock _connecting = new();
    private readonly Lock _refreshing = new();
    private long _keptBytes;
    private volatile bool _disposed;

    public ClientChannel(string service, string caller, RpcClientOptions options, ClientServices services)
    {
        Service = service;
        Caller = caller;
        Options = options;
        Services = services;
        Budget = new RetryBudget(RetryBudget.DefaultSize);
        Backoff = new RetryBackoff(options.RetryBackoff, services.Random);
        _logger = services.Loggers.CreateLogger("Micro.Rpc");
        _balancer = services.Balancers.Create(options.LoadBalancer);
        _instances = new InstanceSet(service, services.Ejection, services.Clock, services.Random, _logger, Retire);
        _watcher = new ServiceWatcher(services.Resolver, service, services.Clock, services.Random, _logger);
        _watcher.Changed += _ => Refresh();
    }

    public string Service { get; }

    /// <summary>The service of this process whose calls these are.</summary>
    public string Caller { get; }

    public RpcClientOptions Options { get; }

    public ClientServices Services { get; }

    public RetryBudget Budget { get; }

    public RetryBackoff Backoff { get; }

    /// <summary>Chooses and enters an instance. Synchronous but for the first call of a service and while there is no instance.</summary>
    /// <exception cref="CallException">There is none; the error names the service and the registry asked.</exception>
    public ValueTask<CallTarget> PickAsync(in PickContext pick, Uri? address, CallAttempts? attempts, CancellationToken cancellationToken)
    {
        if (address is not null)
        {
            return new(EnterDirect(address));
        }

        var state = Choose(pick, attempts);
        return state is not null && Enter(state) is { } target ? new(target) : PickSlowAsync(pick, attempts, cancellationToken);
    }

    /// <summary>What the pipeline learnt of an instance by calling it.</summary>
    public void Report(InstanceState state, CallStatus status)
    {
        var outcome = status switch
        {
            { IsOk: true } => InstanceOutcome.Success,
            { Code: CallStatusCode.Cancelled } => InstanceOutcome.Nothing,
            { NotProcessed: true, Code: CallStatusCode.Unavailable } => InstanceOutcome.Unreachable,
            { Code: CallStatusCode.Unavailable or CallStatusCode.DeadlineExceeded or CallStatusCode.Internal or CallStatusCode.Unknown } => InstanceOutcome.Failure,
            _ => InstanceOutcome.Success,
        };
        _instances.Report(state, outcome);
    }

    /// <summary>Whether an instance is left that was not tried, so that a retry need not wait.</summary>
    public bool HasAnother(CallAttempts attempts) => attempts.NotTried(_instances.All) is not null;

    /// <summary>Bytes kept now.</summary>
    public long KeptBytes => Volatile.Read(ref _keptBytes);

    /// <summary>Takes room for a message that is kept to be sent again; given back by <see cref="GiveBack"/>. False when there is none.</summary>
    public bool TryKeep(int bytes)
    {
        if (Interlocked.Add(ref _keptBytes, bytes) <= MaxKeptBytes)
        {
            return true;
        }

        GiveBack(bytes);
        return false;
    }

    public void GiveBack(long bytes) => Interlocked.Add(ref _keptBytes, -bytes);

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        await _watcher.DisposeAsync();
        foreach (var state in _instances.All.ToArray().Concat(_direct.Values))
        {
            await RetireAsync(state);
        }
    }

    private InstanceState? Choose(in PickContext pick, CallAttempts? attempts)
    {
        ReadOnlySpan<InstanceState> candidates = _instances.Candidates;
        if (attempts is not null)
        {
            // A retry: those not tried yet, the healthy ones first; when all were tried, any.
            candidates = attempts.NotTried(_instances.Candidates) ?? attempts.NotTried(_instances.All) ?? _instances.Candidates;
        }

        return candidates.IsEmpty ? null : candidates[_balancer.Pick(candidates, pick)];
    }

    private async ValueTask<CallTarget> PickSlowAsync(PickContext pick, CallAttempts? attempts, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_disposed)
            {
                throw Closed();
            }

            try
            {
                var snapshot = await _watcher.FirstAsync(cancellationToken);
                Refresh();
                if (Choose(pick, attempts) is { } state)
                {
                    if (Enter(state) is { } target)
                    {
                        return target;
                    }

                    // It left between choosing and entering: the next look sees the newer set.
                    await Task.Yield();
                    continue;
                }

                if (!Options.WaitForReady)
                {
                    throw new CallException(NoInstance(snapshot), attempts: attempts?.Tried);
                }

                await _watcher.WaitAsync(1, Timeout.InfiniteTimeSpan, cancellationToken);
                if (_instances.All.IsEmpty)
                {
                    // There are instances, but none of a version or with metadata this client accepts.
                    await Task.Delay(Services.Random.Jitter(Poll, 0.2), Services.Clock, cancellationToken);
                }
            }
            catch (RegistryUnavailableException e) when (!Options.WaitForReady)
            {
                throw new CallException(
                    new CallStatus(CallStatusCode.Unavailable, $"Service '{Service}' cannot be resolved. {e.Message}", notProcessed: true), e, attempts?.Tried);
            }
            catch (RegistryUnavailableException)
            {
                await Task.Delay(Services.Random.Jitter(Poll, 0.2), Services.Clock, cancellationToken);
            }
            catch (ObjectDisposedException) when (_disposed)
            {
                throw Closed();
            }
        }
    }

    private CallStatus NoInstance(ServiceSnapshot snapshot)
    {
        var filtered = snapshot.Instances.Length > 0 ? $" that this client accepts (of {snapshot.Instances.Length} registered)" : "";
        return new CallStatus(
            CallStatusCode.Unavailable,
            $"No instance of service '{Service}'{filtered} is known to the registry asked: {Services.Resolver.Source}.",
            notProcessed: true);
    }

    private CallTarget? Enter(InstanceState state)
    {
        if ((state.Attachment as InstanceConnection ?? Connect(state)) is not { } connection || !connection.TryEnter())
        {
            return null;
        }

        _instances.Begin(state);
        return new CallTarget(state, connection);
    }

    /// <summary>Null when the instance has left, or the channel is closed: nobody would close the connection.</summary>
    private InstanceConnection? Connect(InstanceState state)
    {
        lock (_connecting)
        {
            if (state.Attachment is null && !_disposed)
            {
                var (address, connection) = Services.Connect(state.Instance, Caller, Options.Identity);
                state.Attachment = new InstanceConnection(address, connection, _logger);
            }

            return state.Attachment as InstanceConnection;
        }
    }

    private CallTarget EnterDirect(Uri address)
    {
        while (!_disposed)
        {
            var state = Direct(address);
            if (Enter(state) is { } target)
            {
                return target;
            }

            // It made room for others in between.
            _direct.TryRemove(KeyValuePair.Create(address, state));
        }

        throw Closed();
    }

    private InstanceState Direct(Uri address)
    {
        if (_direct.TryGetValue(address, out var state))
        {
            return state;
        }

        if (_direct.Count >= MaxDirectAddresses)
        {
            foreach (var known in _direct.Keys)
            {
                if (_direct.TryRemove(known, out var old))
                {
                    Retire(old);
                }
            }
        }

        return _direct.GetOrAdd(address, static (uri, service) => new InstanceState(new ServiceInstance(service, uri.ToString(), [uri])), Service);
    }

    /// <summary>Takes over the newest list; two at once would be able to leave the older one in place.</summary>
    private void Refresh()
    {
        lock (_refreshing)
        {
            if (_watcher.Current is { } newest)
            {
                _instances.Update(Filter(newest));
            }
        }
    }

    private ServiceSnapshot Filter(ServiceSnapshot snapshot)
    {
        if (Options.Version is null && Options.Metadata.Count == 0)
        {
            return snapshot;
        }

        var version = InstanceFilters.Version(Options.Version);
        return snapshot with
        {
            Instances = [.. snapshot.Instances.Where(instance =>
                version(instance) && Options.Metadata.All(pair => InstanceFilters.Metadata(pair.Key, pair.Value)(instance)))],
        };
    }

    private CallException Closed() =>
        new(new CallStatus(CallStatusCode.Unavailable, $"The client of service '{Service}' is closed.", notProcessed: true));

    private void Retire(InstanceState state) => _ = RetireAsync(state);

    private Task RetireAsync(InstanceState state)
    {
        InstanceConnection? connection;
        lock (_connecting)
        {
            state.Attachment ??= Left;
            connection = state.Attachment as InstanceConnection;
        }

        return connection?.RetireAsync() ?? Task.CompletedTask;
    }
}
