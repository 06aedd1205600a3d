namespace Micro.Security;

/// <summary>
/// Says who may not call a method, or any method of a contract, whatever allows them at the same priority. Those of a method and of its contract add up.
/// </summary>
[AttributeUsage(AttributeTargets.Interface | AttributeTargets.Method | AttributeTargets.Class, AllowMultiple = true, Inherited = false)]
public sealed class DenyAttribute : Attribute
{
    /// <summary>Denies a group of callers.</summary>
    public DenyAttribute(Callers callers) => Callers = callers;

    /// <summary>Denies one service of the same trust domain and namespace.</summary>
    /// <param name="service">Its name, e.g. <c>orders</c>.</param>
    public DenyAttribute(string service) => Service = service;

    /// <summary>The group; meaningless when <see cref="Service"/> is set.</summary>
    public Callers Callers { get; }

    /// <summary>The one service; null for a group.</summary>
    public string? Service { get; }
}
