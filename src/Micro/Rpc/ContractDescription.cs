namespace Micro.Rpc;

/// <summary>One contract of a <see cref="ServiceDescription"/>.</summary>
/// <param name="Name">Wire name.</param>
/// <param name="Service">The service it belongs to.</param>
/// <param name="Methods">Its methods, in their declared order.</param>
public sealed record ContractDescription(string Name, string Service, IReadOnlyList<DescribedMethod> Methods);
