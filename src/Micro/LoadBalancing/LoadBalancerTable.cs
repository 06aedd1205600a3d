using Micro.Internal;

namespace Micro.LoadBalancing;

/// <summary>Finds balancers by name: the built-in ones, and those added, which replace a built-in one of the same name. Thread-safe.</summary>
internal sealed class LoadBalancerTable
{
    private readonly IServiceProvider _services;
    private readonly Dictionary<string, Func<IServiceProvider, ILoadBalancer>> _factories;

    /// <exception cref="InvalidOperationException">Two were added under one name.</exception>
    public LoadBalancerTable(IServiceProvider services, IEnumerable<LoadBalancerRegistration> added, RandomSource random)
    {
        _services = services;
        _factories = new(StringComparer.OrdinalIgnoreCase)
        {
            [LoadBalancers.Random] = _ => new RandomBalancer(),
            [LoadBalancers.RoundRobin] = _ => new RoundRobinBalancer(random.Next()),
            [LoadBalancers.PowerOfTwoChoices] = _ => new PowerOfTwoChoicesBalancer(),
            [LoadBalancers.Rendezvous] = _ => new RendezvousBalancer(),
        };
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var registration in added)
        {
            if (!names.Add(registration.Name))
            {
                throw new InvalidOperationException($"Two load balancers are added under the name '{registration.Name}'. Give one of them another name.");
            }

            _factories[registration.Name] = registration.Create;
        }
    }

    /// <summary>Names of all there are, ordered.</summary>
    public IReadOnlyList<string> Names => [.. _factories.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Makes the balancer of one service.</summary>
    /// <exception cref="InvalidOperationException">There is none of that name; the message lists those there are.</exception>
    public ILoadBalancer Create(string name)
    {
        if (!_factories.TryGetValue(name, out var create))
        {
            throw new InvalidOperationException(
                $"There is no load balancer '{name}'. There are: {string.Join(", ", Names)}. Others are added with AddLoadBalancer(name, ...).");
        }

        return create(_services) ?? throw new InvalidOperationException($"The factory of the load balancer '{name}' gave null.");
    }
}
