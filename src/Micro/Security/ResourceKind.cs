namespace Micro.Security;

/// <summary>Kinds of things a rule protects.</summary>
public enum ResourceKind
{
    /// <summary>A method of a contract: name is the contract, operation the method.</summary>
    Call = 0,

    /// <summary>A topic or stream of messages: operation is <c>publish</c> or <c>subscribe</c>.</summary>
    Topic = 1,

    /// <summary>A store: operation is <c>read</c>, <c>write</c>, <c>delete</c> or <c>list</c>.</summary>
    Store = 2,

    /// <summary>Configuration: operation is <c>read</c> or <c>write</c>.</summary>
    Config = 3,

    /// <summary>What only operators do: issuing certificates, changing accounts and rules.</summary>
    Admin = 4,
}
