namespace Micro.Rpc;

/// <summary>What a process serves, as <see cref="ReflectionClient"/> gets it. A JSON document on the wire; unknown members are ignored.</summary>
/// <param name="Contracts">The contracts, ordered by name.</param>
public sealed record ServiceDescription(IReadOnlyList<ContractDescription> Contracts);
