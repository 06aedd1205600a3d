using Micro.Security;

namespace Micro.Rpc;

/// <summary>What is known of a method besides its types: for routing, authorisation and <c>micro describe</c>.</summary>
/// <param name="Spec">Names, kind, idempotency.</param>
/// <param name="Rules">Who may call and who may not, as the attributes say. They are about this method, whatever name and operation they give. Empty: nobody.</param>
/// <param name="RequestSchema">JSON Schema of the request (of one message, for a stream).</param>
/// <param name="ResponseSchema">JSON Schema of the response (of one message, for a stream).</param>
/// <param name="Summary">First sentence of the method's doc comment, or null.</param>
public sealed record MethodDescription(
    CallSpec Spec,
    IReadOnlyList<CallRule> Rules,
    string RequestSchema = "{}",
    string ResponseSchema = "{}",
    string? Summary = null);
