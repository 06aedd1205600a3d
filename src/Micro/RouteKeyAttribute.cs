namespace Micro;

/// <summary>
/// Marks the property of a request whose value is the route key: calls with the same value go to the same instance while the set of instances is unchanged.
/// On a unary or server stream request; at most one.
/// </summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter, Inherited = false)]
public sealed class RouteKeyAttribute : Attribute;
