namespace Micro.Security;

/// <summary>What is asked for: for a call, the method that was found, never the path that was sent.</summary>
/// <param name="Kind">Kind of thing.</param>
/// <param name="Name">Its name; for a call, the wire name of the contract. Compared exactly.</param>
/// <param name="Operation">What is to be done with it; for a call, the method. Compared exactly.</param>
public readonly record struct ProtectedResource(ResourceKind Kind, string Name, string Operation)
{
    /// <summary>Kind, name and operation, for logs.</summary>
    public override string ToString() => $"{Kind.ToString().ToLowerInvariant()} {Name}/{Operation}";
}
