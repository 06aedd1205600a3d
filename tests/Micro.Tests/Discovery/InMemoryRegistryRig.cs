using Micro.Discovery;
using Micro.Testing.Discovery;
using Microsoft.Extensions.Time.Testing;

namespace Micro.Tests.Discovery;

/// <summary>Nodes that share one registry object, on a fake clock.</summary>
internal sealed class InMemoryRegistryRig : RegistryRig
{
    private readonly FakeTimeProvider _time = new();
    private readonly InMemoryServiceRegistry _registry;

    public InMemoryRegistryRig() => _registry = new InMemoryServiceRegistry(_time, Ttl);

    public override TimeProvider Time => _time;

    public override TimeSpan Ttl => TimeSpan.FromSeconds(1);

    public override RegistryNode AddNode() => new(new Node(_registry), _registry);

    public override ValueTask KillAsync(RegistryNode node)
    {
        ((Node)node.Registry).Kill();
        return ValueTask.CompletedTask;
    }

    public override ValueTask BreakAsync()
    {
        _registry.Break("the test took it away");
        return ValueTask.CompletedTask;
    }

    public override ValueTask RestoreAsync()
    {
        _registry.Restore();
        return ValueTask.CompletedTask;
    }

    public override async ValueTask PassAsync()
    {
        // Real time as well, or the fake second would be over before the thread pool has run anything.
        await Task.Delay(5);
        _time.Advance(TimeSpan.FromMilliseconds(10));
    }

    public override ValueTask DisposeAsync()
    {
        _registry.Dispose();
        return ValueTask.CompletedTask;
    }

    private sealed class Node(InMemoryServiceRegistry registry) : IServiceRegistry
    {
        private readonly Lock _gate = new();
        private readonly List<IServiceRegistration> _registrations = [];

        public async ValueTask<IServiceRegistration> RegisterAsync(ServiceInstance instance, CancellationToken cancellationToken)
        {
            var registration = await registry.RegisterAsync(instance, cancellationToken);
            lock (_gate)
            {
                _registrations.Add(registration);
            }

            return registration;
        }

        public void Kill()
        {
            lock (_gate)
            {
                _registrations.ForEach(registry.Abandon);
            }
        }
    }
}
