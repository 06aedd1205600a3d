namespace Micro.Generators.Models;

/// <summary>The wire name a contract claims, and where it does.</summary>
internal sealed record ContractName(string WireName, string Type, SourcePlace? Place);
