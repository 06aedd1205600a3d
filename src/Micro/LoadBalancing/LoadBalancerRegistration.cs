namespace Micro.LoadBalancing;

/// <summary>A balancer under a name. The factory runs once for each service that is called.</summary>
internal sealed record LoadBalancerRegistration(string Name, Func<IServiceProvider, ILoadBalancer> Create);
