using Micro.Generators.Models;

namespace Micro.Generators.Writing;

/// <summary>Writes what belongs to one method: its descriptor, with the server's handler, and the client's method.</summary>
internal static class MethodWriter
{
    private const string ValueTask = "global::System.Threading.Tasks.ValueTask";

    public static string DescriptorName(MethodModel method) => method.WireName + "Method";

    public static void WriteDescriptor(CodeText code, ContractModel contract, MethodModel method)
    {
        var types = $"<{method.RequestType}, {method.ResponseType}>";
        code.Line($"internal static readonly global::Micro.Rpc.CallMethod{types} {DescriptorName(method)} = global::Micro.Rpc.CallMethod.{method.Shape}{types}(")
            .Indented(
            [
                .. Description(contract, method),
                Handler(method) + (method.RouteKey is null ? ");" : ","),
                .. method.RouteKey is null ? (string[])[] : [$"static request => {method.RouteKey});"],
            ]);
    }

    public static void WriteClientMethod(CodeText code, MethodModel method, string field)
    {
        var streams = method.Shape is MethodShape.ClientStream or MethodShape.Duplex;
        var message = streams ? "requests" : "request";
        var parameters = new List<string>();
        if (method.RequestParameterType is not null)
        {
            parameters.Add($"{method.RequestParameterType} {message}");
        }

        if (method.Last != LastParameter.None)
        {
            parameters.Add($"{method.LastParameterType} {(method.Last == LastParameter.CallContext ? "context" : "cancellationToken")}");
        }

        var argument = (method.RequestParameterType, streams) switch
        {
            (null, _) => "default",
            ({ } type, true) when type.EndsWith("?", StringComparison.Ordinal) => "requests ?? throw new global::System.ArgumentNullException(nameof(requests))",
            _ => message,
        };
        var call = $"{field}.{method.Shape}Async({argument}, {(method.Last == LastParameter.CallContext ? "context" : "null")}, {(method.Last == LastParameter.CancellationToken ? "cancellationToken" : "default")})";
        code.Line($"{method.ReturnType} {method.DeclaringType}.{method.Name}({string.Join(", ", parameters)}) =>")
            .Indented([method.Result is ResultShape.ValueTask or ResultShape.ValueTaskOf ? $"new {method.ReturnType}({call});" : call + ";"]);
    }

    private static IEnumerable<string> Description(ContractModel contract, MethodModel method)
    {
        var spec = string.Join(", ", new[] { contract.Service, contract.WireName, method.WireName }.Select(ContractWriter.Literal));
        yield return "new global::Micro.Rpc.MethodDescription(";
        yield return $"    new global::Micro.CallSpec({spec}, global::Micro.CallKind.{method.Shape}{(method.Idempotent ? ", idempotent: true" : "")}),";
        foreach (var line in Rules(contract, method))
        {
            yield return "    " + line;
        }

        yield return $"    {Raw(method.RequestSchema)},";
        yield return $"    {Raw(method.ResponseSchema)}" + (method.Summary is null ? ")," : ",");
        if (method.Summary is not null)
        {
            yield return $"    {ContractWriter.Literal(method.Summary)}),";
        }
    }

    private static IEnumerable<string> Rules(ContractModel contract, MethodModel method)
    {
        if (method.Rules.Count == 0)
        {
            yield return "global::System.Array.Empty<global::Micro.Security.CallRule>(),";
            yield break;
        }

        yield return "new global::Micro.Security.CallRule[]";
        yield return "{";
        var number = 0;
        foreach (var rule in method.Rules)
        {
            var id = ContractWriter.Literal($"{contract.WireName}/{method.WireName}#{++number}");
            var scope = rule.Scope == "*" ? "" : $", Scope = {ContractWriter.Literal(rule.Scope)}";
            yield return $"    new global::Micro.Security.CallRule {{ Id = {id}, Effect = global::Micro.Security.RuleEffect.{(rule.Allows ? "Allow" : "Deny")}, Caller = {ContractWriter.Literal(rule.Caller)}{scope}, Name = {ContractWriter.Literal(contract.WireName)}, Operation = {ContractWriter.Literal(method.WireName)} }},";
        }

        yield return "},";
    }

    private static string Handler(MethodModel method)
    {
        var message = method.RequestParameterType is null ? null : method.Shape is MethodShape.ClientStream or MethodShape.Duplex ? "requests" : "request";
        var last = method.Last switch
        {
            LastParameter.CallContext => "context",
            LastParameter.CancellationToken => "context.CancellationToken",
            _ => null,
        };
        var call = $"(({method.DeclaringType})service).{method.Name}({string.Join(", ", new[] { message, last }.OfType<string>())})";
        var parameters = $"(service, {message ?? "_"}, {(last is null ? "_" : "context")})";
        return method.Result switch
        {
            ResultShape.TaskOf => $"static {parameters} => new {ValueTask}<{method.ResponseType}>({call})",
            ResultShape.Task or ResultShape.ValueTask => $"static async {parameters} => {{ await {call}.ConfigureAwait(false); return default; }}",
            _ => $"static {parameters} => {call}",
        };
    }

    /// <summary>JSON as a raw string: it has no line break, begins and ends with a brace and never three quotes in a row.</summary>
    private static string Raw(string json) => "\"\"\"" + json + "\"\"\"";
}
