using Micro.Discovery;

namespace Micro.Testing.Discovery;

/// <summary>Both sides of discovery as one process of a cluster has them.</summary>
/// <param name="Registry">Registers the process's instances.</param>
/// <param name="Resolver">Finds those of all processes.</param>
public sealed record RegistryNode(IServiceRegistry Registry, IServiceResolver Resolver);
