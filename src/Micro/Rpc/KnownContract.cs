namespace Micro.Rpc;

/// <summary>A contract this process serves or calls: its messages have to be known to the codecs.</summary>
internal sealed record KnownContract(ContractDescriptor Contract);
