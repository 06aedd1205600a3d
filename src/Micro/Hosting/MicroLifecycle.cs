using Micro.Discovery;
using Micro.Internal;
using Micro.Rpc;
using Micro.Transport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Micro.Hosting;

/// <summary>
/// Start: listen, register, ready. Stop: not ready, deregister, let callers hear of it, refuse new calls, finish the others, stop listening (LIF-1).
/// Between: register again when health allows it (R29); heartbeats are the registration's own work.
/// </summary>
internal sealed partial class MicroLifecycle(
    ServerPipeline pipeline,
    IEnumerable<HostedContract> contracts,
    IEnumerable<IServerTransport> transports,
    LifecycleServices services,
    ILogger<MicroLifecycle> logger) : IHostedLifecycleService, IAsyncDisposable
{
    /// <summary>Longest wait for a registry to deregister, and for a listener to close.</summary>
    private static readonly TimeSpan StepTimeout = TimeSpan.FromSeconds(5);

    private readonly List<IServerListener> _listeners = [];
    private readonly List<IServiceRegistration> _registrations = [];
    private readonly SemaphoreSlim _registering = new(1, 1);
    private readonly CancellationTokenSource _stopping = new();
    private IReadOnlyList<ServiceInstance> _instances = [];
    private Task _keeping = Task.CompletedTask;
    private volatile bool _draining;
    private volatile bool _ready;

    /// <summary>Listening, and registered where there is something to register.</summary>
    public bool IsReady => _ready && !_draining;

    public bool IsDraining => _draining;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>After every StartAsync, so that web servers know their addresses.</summary>
    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        foreach (var transport in transports)
        {
            _listeners.Add(await transport.ListenAsync(pipeline, cancellationToken));
        }

        var hosted = contracts.Where(contract => contract.IsRegistered).ToArray();
        var addresses = _listeners.SelectMany(listener => listener.Addresses).ToArray();
        if (hosted.Length > 0 && addresses.Length == 0)
        {
            throw new InvalidOperationException(
                $"This process serves {string.Join(", ", hosted.Select(contract => contract.Contract.Name))} but listens nowhere. Add AddServer() (package Micro.AspNetCore, on a WebApplication) or AddInProcess().");
        }

        // Where discovery only finds (configuration, DNS), whoever runs the process makes it known, not the process.
        _instances = hosted.Length == 0 || services.Registry is FindOnlyServiceRegistry
            ? []
            : [.. hosted.Select(contract => contract.Contract.Service).Distinct().Select(name => services.Describe(name, addresses))];
        if (_instances.Count == 0)
        {
            _ready = true;
            return;
        }

        await RegisterFirstAsync(cancellationToken);
        _keeping = KeepRegisteredAsync();
    }

    /// <summary>Before any StopAsync, so that web servers still serve while callers learn that this instance leaves.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        _draining = true;
        await EndKeepingAsync();
        var registered = _registrations.Count > 0;
        await DeregisterAllAsync();
        if (registered)
        {
            // Cut short where the host is in a hurry; what follows has to happen all the same.
            await services.DelayAsync(services.ServerOptions.DrainDelay, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await pipeline.DrainAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppedAsync(CancellationToken cancellationToken) => await DisposeAsync();

    /// <summary>Also for a host that was not stopped, or whose start failed half-way.</summary>
    public async ValueTask DisposeAsync()
    {
        await EndKeepingAsync();
        await DeregisterAllAsync();
        var listeners = _listeners.ToArray();
        _listeners.Clear();
        await Task.WhenAll(listeners.Select(CloseAsync));
    }

    private async Task EndKeepingAsync()
    {
        await _stopping.CancelAsync();
        await _keeping;
    }

    /// <summary>A transport may wait for its calls; those that ignore their cancellation must not hold the process.</summary>
    private async Task CloseAsync(IServerListener listener)
    {
        try
        {
            await listener.DisposeAsync().AsTask().WaitAsync(StepTimeout, services.Clock);
        }
        catch (Exception e)
        {
            ListenerNotClosed(string.Join(", ", listener.Addresses), e);
        }
    }

    private async Task RegisterFirstAsync(CancellationToken cancellationToken)
    {
        if (!await IsHealthyAsync())
        {
            Unhealthy();
            return;
        }

        try
        {
            await RegisterAllAsync(cancellationToken);
            _ready = true;
        }
        catch (RegistryUnavailableException e) when (services.Options.StartWithoutRegistry)
        {
            RegistryAway(e);
        }
    }

    private async Task RegisterAllAsync(CancellationToken cancellationToken)
    {
        await _registering.WaitAsync(cancellationToken);
        try
        {
            foreach (var instance in _instances)
            {
                if (_registrations.All(registration => registration.Instance.Service != instance.Service))
                {
                    _registrations.Add(await services.Registry.RegisterAsync(instance, cancellationToken));
                    Registered(instance.Service, instance.Id, string.Join(", ", instance.Addresses));
                }
            }
        }
        finally
        {
            _registering.Release();
        }
    }

    private async Task DeregisterAllAsync()
    {
        await _registering.WaitAsync();
        try
        {
            foreach (var registration in _registrations)
            {
                try
                {
                    await registration.DisposeAsync().AsTask().WaitAsync(StepTimeout, services.Clock);
                    Deregistered(registration.Instance.Service, registration.Instance.Id);
                }
                catch (Exception e)
                {
                    // Its time to live ends the entry; stopping must go on.
                    DeregistrationFailed(registration.Instance.Service, registration.Instance.Id, e);
                }
            }

            _registrations.Clear();
        }
        finally
        {
            _registering.Release();
        }
    }

    /// <summary>Ends only with the process: what a health check or a registry throws is for the log and the next round.</summary>
    private async Task KeepRegisteredAsync()
    {
        while (true)
        {
            try
            {
                await services.DelayAsync(services.Options.HealthInterval, _stopping.Token);
                await KeepRegisteredOnceAsync();
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (RegistryUnavailableException e)
            {
                RegistryAway(e);
            }
            catch (Exception e)
            {
                KeepingFailed(e);
            }
        }
    }

    private async Task KeepRegisteredOnceAsync()
    {
        var healthy = await IsHealthyAsync();
        if (!healthy && _registrations.Count > 0)
        {
            Unhealthy();
            _ready = false;
            await DeregisterAllAsync();
        }
        else if (healthy && _registrations.Count < _instances.Count)
        {
            await RegisterAllAsync(_stopping.Token);
            _ready = true;
        }
    }

    private async Task<bool> IsHealthyAsync()
    {
        try
        {
            return await services.IsHealthyAsync(_stopping.Token);
        }
        catch (Exception e) when (!_stopping.IsCancellationRequested)
        {
            // E.g. a check that was cancelled by a timeout of its own, which the platform takes for ours.
            HealthCheckFailed(e);
            return false;
        }
    }

    [LoggerMessage(1300, LogLevel.Information, "{Service} is registered as {Instance} at {Addresses}.")]
    private partial void Registered(string service, string instance, string addresses);

    [LoggerMessage(1301, LogLevel.Information, "{Service} is no longer registered as {Instance}.")]
    private partial void Deregistered(string service, string instance);

    [LoggerMessage(1302, LogLevel.Warning, "Deregistering {Service} {Instance} failed; its entry ends by its time to live.")]
    private partial void DeregistrationFailed(string service, string instance, Exception exception);

    [LoggerMessage(1303, LogLevel.Warning, "The registry is away; this process is not found until it is back.")]
    private partial void RegistryAway(Exception exception);

    [LoggerMessage(1305, LogLevel.Error, "A health check tagged 'ready' could not be run.")]
    private partial void HealthCheckFailed(Exception exception);

    [LoggerMessage(1306, LogLevel.Error, "Registering failed; it is tried again.")]
    private partial void KeepingFailed(Exception exception);

    [LoggerMessage(1307, LogLevel.Warning, "The listener at {Addresses} was not closed in time.")]
    private partial void ListenerNotClosed(string addresses, Exception exception);

    [LoggerMessage(1304, LogLevel.Warning, "A health check tagged 'ready' fails; this process is deregistered until it passes.")]
    private partial void Unhealthy();
}
