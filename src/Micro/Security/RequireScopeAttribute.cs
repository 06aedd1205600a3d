namespace Micro.Security;

/// <summary>
/// Narrows who may call a method, or every method of a contract, to those whose account has a scope. Whoever calls has to be allowed <em>and</em> to have it; without
/// any <see cref="AllowAttribute"/>, whoever has it may. A method's own scope takes the place of its contract's, and a method that is <see cref="PublicAttribute"/> asks for none.
/// </summary>
/// <param name="scope">The scope, e.g. <c>orders.write</c>. Compared exactly.</param>
[AttributeUsage(AttributeTargets.Interface | AttributeTargets.Method | AttributeTargets.Class, Inherited = false)]
public sealed class RequireScopeAttribute(string scope) : Attribute
{
    /// <summary>The scope.</summary>
    public string Scope { get; } = scope;
}
