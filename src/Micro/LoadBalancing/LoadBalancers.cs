namespace Micro.LoadBalancing;

/// <summary>Names of the built-in balancers, for <c>Micro:LoadBalancer</c> and client options.</summary>
public static class LoadBalancers
{
    /// <summary>The default. Without a key a shuffled order for each call, with a key the rendezvous order; a retry walks on along it.</summary>
    public const string Random = "random";

    /// <summary>Each instance in turn, counted over all callers of the process.</summary>
    public const string RoundRobin = "round-robin";

    /// <summary>The less busy of two random instances, by calls in flight.</summary>
    public const string PowerOfTwoChoices = "power-of-two-choices";

    /// <summary>The same instance for the same key while the set of instances is unchanged (highest random weight); random without a key.</summary>
    public const string Rendezvous = "rendezvous";
}
