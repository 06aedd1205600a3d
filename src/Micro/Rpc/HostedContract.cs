namespace Micro.Rpc;

/// <summary>A contract that this process serves and what handles it.</summary>
/// <param name="Contract">The contract.</param>
/// <param name="Handler">Finds the handler in the services of one call.</param>
/// <param name="HandlerName">The handler's type, for errors.</param>
internal sealed record HostedContract(ContractDescriptor Contract, Func<IServiceProvider, object> Handler, string HandlerName)
{
    /// <summary>False for contracts that every process serves besides its own services, and that do not make it an instance of anything.</summary>
    public bool IsRegistered { get; init; } = true;

    /// <summary>A content type its methods have to speak, or the process does not start; null where any will do.</summary>
    public string? ContentType { get; init; }
}
