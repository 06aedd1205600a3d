using System.Text.Json.Serialization.Metadata;

namespace Micro.Rpc;

/// <summary>A contract as the generator describes it. Immutable.</summary>
public sealed class ContractDescriptor
{
    /// <summary>Describes a contract.</summary>
    /// <param name="type">The interface.</param>
    /// <param name="service">Name of the service that is registered and resolved.</param>
    /// <param name="name">Wire name of the contract.</param>
    /// <param name="methods">Its methods; at least one.</param>
    /// <param name="createClient">Makes a client; null for a contract that is only served.</param>
    /// <param name="json">JSON metadata of its messages, or null.</param>
    public ContractDescriptor(
        Type type,
        string service,
        string name,
        IReadOnlyList<CallMethod> methods,
        Func<ContractClient, object>? createClient = null,
        IJsonTypeInfoResolver? json = null)
    {
        Discovery.ServiceInstance.CheckName(service);
        Type = type;
        Service = service;
        Name = name;
        Methods = methods;
        CreateClient = createClient;
        Json = json;
    }

    /// <summary>The interface.</summary>
    public Type Type { get; }

    /// <summary>Name of the service that is registered and resolved.</summary>
    public string Service { get; }

    /// <summary>Wire name of the contract.</summary>
    public string Name { get; }

    /// <summary>The methods, in the order of the interface.</summary>
    public IReadOnlyList<CallMethod> Methods { get; }

    /// <summary>Makes a client of the interface's type.</summary>
    public Func<ContractClient, object>? CreateClient { get; }

    /// <summary>JSON metadata of the messages; null when there is none.</summary>
    public IJsonTypeInfoResolver? Json { get; }
}
