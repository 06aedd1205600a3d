namespace Micro.Security;

/// <summary>
/// Says who may call a method, or every method of a contract. Those of a method take the place of its contract's. A method that nothing allows is denied to everyone.
/// </summary>
[AttributeUsage(AttributeTargets.Interface | AttributeTargets.Method | AttributeTargets.Class, AllowMultiple = true, Inherited = false)]
public sealed class AllowAttribute : Attribute
{
    /// <summary>Allows a group of callers.</summary>
    public AllowAttribute(Callers callers) => Callers = callers;

    /// <summary>Allows one service of the same trust domain and namespace.</summary>
    /// <param name="service">Its name, e.g. <c>orders</c>.</param>
    public AllowAttribute(string service) => Service = service;

    /// <summary>The group; meaningless when <see cref="Service"/> is set.</summary>
    public Callers Callers { get; }

    /// <summary>The one service; null for a group.</summary>
    public string? Service { get; }
}
