namespace Micro.Discovery;

/// <summary>A named candidate for discovery. Its factories run only when it is chosen, so a package can add it without connecting to anything.</summary>
/// <param name="Name">Name it is chosen by in <c>Micro:Discovery:Provider</c>, e.g. <c>sqlite</c>.</param>
/// <param name="Resolver">Makes the resolver, once.</param>
/// <param name="Registry">Makes the registry, once; null for a provider that only finds (static, dns).</param>
public sealed record DiscoveryProvider(
    string Name,
    Func<IServiceProvider, IServiceResolver> Resolver,
    Func<IServiceProvider, IServiceRegistry>? Registry);
