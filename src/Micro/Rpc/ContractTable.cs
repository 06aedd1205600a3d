using System.Collections.Concurrent;
using System.ComponentModel;

namespace Micro.Rpc;

/// <summary>
/// Where generated code makes its contracts known, from a module initializer: no scanning, no reflection. Thread-safe.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class ContractTable
{
    private static readonly ConcurrentDictionary<Type, ContractDescriptor> Contracts = new();

    /// <summary>Adds a contract; called by generated code. The last one for a type counts.</summary>
    public static void Add(ContractDescriptor contract)
    {
        ArgumentNullException.ThrowIfNull(contract);
        Contracts[contract.Type] = contract;
    }

    /// <summary>Finds a contract by its interface.</summary>
    /// <exception cref="InvalidOperationException">The interface is not a contract, or its project does not use the generator.</exception>
    public static ContractDescriptor Get(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        if (!Contracts.TryGetValue(type, out var contract))
        {
            // A module initializer runs with the first use of anything in its module; naming a type is not a use.
            System.Runtime.CompilerServices.RuntimeHelpers.RunModuleConstructor(type.Module.ModuleHandle);
            if (!Contracts.TryGetValue(type, out contract))
            {
                throw new InvalidOperationException(
                    $"{type} has no generated binding. Mark the interface with [MicroService(\"name\")] and reference the Micro package, which brings the generator, in the project that declares it.");
            }
        }

        return contract;
    }
}
