using System.Runtime.CompilerServices;

namespace Micro.Discovery;

/// <summary>
/// Registry, resolver and catalog of one process, in memory. Registrations are renewed by a timer and time out like anywhere else, so that
/// a node of a simulated cluster can die and the registry itself can be away.
/// </summary>
internal sealed class InMemoryServiceRegistry : IServiceRegistry, IServiceResolver, IServiceCatalog, IDisposable
{
    public static readonly TimeSpan DefaultTtl = TimeSpan.FromSeconds(6);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, InMemoryService> _services = new(StringComparer.Ordinal);
    private readonly HashSet<InMemoryRegistration> _registrations = [];
    private readonly TimeProvider _time;
    private readonly TimeSpan _ttl;
    private readonly ITimer _timer;
    private RegistryUnavailableException? _outage;
    private bool _disposed;

    public InMemoryServiceRegistry(TimeProvider time, TimeSpan? ttl = null)
    {
        _time = time;
        _ttl = ttl ?? DefaultTtl;
        _timer = time.CreateTimer(static registry => ((InMemoryServiceRegistry)registry!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public string Source => "memory (this process)";

    public ValueTask<IServiceRegistration> RegisterAsync(ServiceInstance instance, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(instance);
        cancellationToken.ThrowIfCancellationRequested();
        var registration = new InMemoryRegistration(this, instance);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            ThrowIfAway();
            if (_registrations.Count == 0)
            {
                _timer.Change(_ttl / 12, _ttl / 12);
            }

            _registrations.Add(registration);
            List(registration);
        }

        return new ValueTask<IServiceRegistration>(registration);
    }

    public async IAsyncEnumerable<ServiceSnapshot> WatchAsync(string service, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ServiceInstance.CheckName(service);
        var watched = Enter(service);
        try
        {
            ServiceSnapshot? last = null;
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var (snapshot, changed) = Look(watched);
                if (!ReferenceEquals(snapshot, last))
                {
                    last = snapshot;
                    yield return snapshot;
                }
                else
                {
                    await changed.WaitAsync(cancellationToken);
                }
            }
        }
        finally
        {
            Leave(watched);
        }
    }

    public ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            ThrowIfAway();
            return new ValueTask<IReadOnlyList<string>>(
                [.. _services.Values.Where(service => !service.IsEmpty).Select(service => service.Name).Order(StringComparer.Ordinal)]);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
        }

        _timer.Dispose();
    }

    /// <summary>Stops renewing a registration, as the death of its process would: it vanishes when its time is over.</summary>
    internal void Abandon(IServiceRegistration registration)
    {
        lock (_gate)
        {
            ((InMemoryRegistration)registration).IsAbandoned = true;
        }
    }

    /// <summary>Lets the registry be away until <see cref="Restore"/>: look-ups and registering fail, nothing is renewed.</summary>
    internal void Break(string reason)
    {
        lock (_gate)
        {
            _outage = new RegistryUnavailableException(Source, reason);
            foreach (var service in _services.Values)
            {
                service.Wake();
            }
        }
    }

    /// <summary>Ends the outage. Registrations renew themselves before anything times out.</summary>
    internal void Restore()
    {
        lock (_gate)
        {
            _outage = null;
        }

        Tick();
    }

    internal void Remove(InMemoryRegistration registration)
    {
        lock (_gate)
        {
            if (_registrations.Remove(registration) && _registrations.Count == 0 && !_disposed)
            {
                _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }

            Unlist(registration);
        }
    }

    private void Tick()
    {
        lock (_gate)
        {
            foreach (var registration in _registrations.ToArray())
            {
                if (_outage is null && !registration.IsAbandoned)
                {
                    Renew(registration);
                    continue;
                }

                var age = _time.GetElapsedTime(registration.RenewedAt);
                if (age >= _ttl - (_ttl / 5))
                {
                    registration.Signal.Fire();
                }

                if (_outage is null && age >= _ttl)
                {
                    _registrations.Remove(registration);
                    Unlist(registration);
                }
            }
        }
    }

    private void Renew(InMemoryRegistration registration)
    {
        var holder = _services.GetValueOrDefault(registration.Instance.Service)?.Find(registration.Instance.Id);
        if (holder is null)
        {
            List(registration);
        }
        else if (ReferenceEquals(holder, registration))
        {
            registration.RenewedAt = _time.GetTimestamp();
            registration.Signal.Renew();
        }
    }

    private void List(InMemoryRegistration registration)
    {
        var service = GetOrAdd(registration.Instance.Service);
        service.Find(registration.Instance.Id)?.Signal.Fire();
        registration.RenewedAt = _time.GetTimestamp();
        registration.Signal.Renew();
        service.Put(registration);
    }

    private void Unlist(InMemoryRegistration registration)
    {
        if (_services.TryGetValue(registration.Instance.Service, out var service) && service.Remove(registration))
        {
            Forget(service);
        }
    }

    private InMemoryService Enter(string service)
    {
        lock (_gate)
        {
            var watched = GetOrAdd(service);
            watched.Watchers++;
            return watched;
        }
    }

    private void Leave(InMemoryService watched)
    {
        lock (_gate)
        {
            watched.Watchers--;
            Forget(watched);
        }
    }

    private (ServiceSnapshot Snapshot, Task Changed) Look(InMemoryService watched)
    {
        lock (_gate)
        {
            ThrowIfAway();
            return (watched.Snapshot(), watched.Changed);
        }
    }

    private InMemoryService GetOrAdd(string name)
    {
        if (!_services.TryGetValue(name, out var service))
        {
            _services.Add(name, service = new InMemoryService(name));
        }

        return service;
    }

    // Names that nobody offers and nobody watches must not pile up.
    private void Forget(InMemoryService service)
    {
        if (service.IsEmpty && service.Watchers == 0)
        {
            _services.Remove(service.Name);
        }
    }

    private void ThrowIfAway()
    {
        if (_outage is { } outage)
        {
            throw new RegistryUnavailableException(outage.Registry, "it was taken away", outage);
        }
    }
}
