using System.Text.Json;
using Micro.Security;

namespace Micro.Rpc;

/// <summary>One method of a <see cref="ContractDescription"/>.</summary>
/// <param name="Name">Wire name.</param>
/// <param name="Kind">Shape of the call.</param>
/// <param name="Idempotent">Whether it may be executed more than once.</param>
/// <param name="Summary">What it does, or null.</param>
/// <param name="Request">JSON Schema of a request message.</param>
/// <param name="Response">JSON Schema of a response message.</param>
/// <param name="ContentTypes">Content types it takes, preferred first.</param>
public sealed record DescribedMethod(
    string Name, CallKind Kind, bool Idempotent, string? Summary, JsonElement Request, JsonElement Response, IReadOnlyList<string> ContentTypes)
{
    /// <summary>
    /// Who may call it, as its attributes say; rules from elsewhere are not among them. Empty: nobody by its attributes. Null: the process does not tell, as versions
    /// before this member did not.
    /// </summary>
    public IReadOnlyList<CallRule>? Rules { get; init; }
}
