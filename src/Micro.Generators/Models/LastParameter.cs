namespace Micro.Generators.Models;

/// <summary>What a contract method takes after its message.</summary>
internal enum LastParameter
{
    None,
    CancellationToken,
    CallContext,
}
