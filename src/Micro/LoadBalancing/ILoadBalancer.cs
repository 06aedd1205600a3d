namespace Micro.LoadBalancing;

/// <summary>Chooses an instance. Thread-safe and quick: it runs on every call, looks at counters and never waits.</summary>
public interface ILoadBalancer
{
    /// <summary>Name it is configured by, e.g. <c>round-robin</c>. The built-in ones are in <see cref="LoadBalancers"/>.</summary>
    string Name { get; }

    /// <summary>
    /// Picks the index of a candidate. On a retry the candidates are those not yet tried, so any of them is a different instance.
    /// </summary>
    /// <param name="candidates">At least one, ordered by instance id.</param>
    /// <param name="context">The key, the attempt and the randomness of this pick.</param>
    int Pick(ReadOnlySpan<InstanceState> candidates, in PickContext context);
}
