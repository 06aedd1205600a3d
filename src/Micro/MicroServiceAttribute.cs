using System.Diagnostics.CodeAnalysis;

namespace Micro;

/// <summary>
/// Marks an interface as a contract: its methods can be called from other processes. The generator writes its client and its server binding.
/// </summary>
/// <param name="service">Name the service is registered and resolved by, e.g. <c>greeter</c>.</param>
[AttributeUsage(AttributeTargets.Interface, Inherited = false)]
public sealed class MicroServiceAttribute(string service) : Attribute
{
    /// <summary>Name the service is registered and resolved by.</summary>
    public string Service { get; } = service;

    /// <summary>Wire name of the contract. Default: the service, a dot and the interface's name without its I. Set it to <c>package.Service</c> for a .proto.</summary>
    public string? Contract { get; set; }

    /// <summary>A <c>JsonSerializerContext</c> with every message type; needed under Native AOT.</summary>
    [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor | DynamicallyAccessedMemberTypes.PublicProperties)]
    public Type? Json { get; set; }
}
