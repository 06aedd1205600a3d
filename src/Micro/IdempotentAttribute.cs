namespace Micro;

/// <summary>
/// Declares that executing the method twice has the effect of executing it once, so that a call that <em>may have executed</em> is retried on another instance.
/// </summary>
[AttributeUsage(AttributeTargets.Method, Inherited = false)]
public sealed class IdempotentAttribute : Attribute;
