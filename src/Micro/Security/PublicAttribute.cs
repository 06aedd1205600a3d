namespace Micro.Security;

/// <summary>Lets anyone call a method, or every method of a contract, without any identity: the same as <c>[Allow(Callers.Anyone)]</c>.</summary>
[AttributeUsage(AttributeTargets.Interface | AttributeTargets.Method | AttributeTargets.Class, Inherited = false)]
public sealed class PublicAttribute : Attribute;
