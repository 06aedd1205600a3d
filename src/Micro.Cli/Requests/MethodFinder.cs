using Micro.Rpc;

namespace Micro.Cli.Requests;

/// <summary>Finds methods by what people type: <c>Hello</c>, <c>Greeter.Hello</c>, <c>greeter.Greeter/Hello</c>, as long as only one can be meant.</summary>
internal sealed class MethodFinder(string service, ServiceDescription description)
{
    /// <summary>The contracts of the service itself; a process may serve others, and always serves its own description.</summary>
    public IReadOnlyList<ContractDescription> Contracts { get; } = [.. description.Contracts.Where(contract => contract.Service == service)];

    /// <exception cref="ToolException">None or several can be meant; the message lists them.</exception>
    public (ContractDescription Contract, DescribedMethod Method) Find(string text)
    {
        var found = Matches(Contracts, text);
        if (found.Count == 0)
        {
            // What is spelled out may belong to any contract of the process.
            found = Matches(description.Contracts, text).Where(match => text.Contains(match.Contract.Name, StringComparison.Ordinal)).ToList();
        }

        return found switch
        {
            [var only] => only,
            [] => throw ToolException.Usage($"Service '{service}' has no method '{text}'.{DidYouMean(text)} It has: {string.Join(", ", Contracts.SelectMany(Paths))}."),
            _ => throw ToolException.Usage($"'{text}' may be any of these methods of service '{service}': {string.Join(", ", found.Select(Path))}. Name one of them."),
        };
    }

    /// <summary>The shortest text that means the method.</summary>
    public string Shortest(ContractDescription contract, DescribedMethod method)
    {
        var simple = contract.Name[(contract.Name.LastIndexOf('.') + 1)..];
        string[] candidates = [method.Name, $"{simple}.{method.Name}"];
        return candidates.FirstOrDefault(candidate => Matches(Contracts, candidate).Count == 1 && Contracts.Contains(contract)) ?? Path((contract, method));
    }

    private static List<(ContractDescription Contract, DescribedMethod Method)> Matches(
        IEnumerable<ContractDescription> contracts, string text, StringComparison comparison = StringComparison.Ordinal)
    {
        var dotted = text.TrimStart('/').Replace('/', '.');
        return
        [
            .. contracts.SelectMany(contract => contract.Methods.Select(method => (contract, method)))
                .Where(candidate => Ends($"{candidate.contract.Name}.{candidate.method.Name}", dotted, comparison)),
        ];
    }

    private static bool Ends(string whole, string end, StringComparison comparison) =>
        end.Length > 0 && (whole.Equals(end, comparison) || whole.EndsWith("." + end, comparison));

    private string DidYouMean(string text)
    {
        const string Async = "Async";
        var wire = text.EndsWith(Async, StringComparison.Ordinal) && text.Length > Async.Length ? text[..^Async.Length] : text;
        var near = Matches(Contracts, wire, StringComparison.OrdinalIgnoreCase);
        return near.Count == 1 ? $" Did you mean {near[0].Method.Name}?" : "";
    }

    private static IEnumerable<string> Paths(ContractDescription contract) => contract.Methods.Select(method => Path((contract, method)));

    private static string Path((ContractDescription Contract, DescribedMethod Method) match) => $"{match.Contract.Name}/{match.Method.Name}";
}
