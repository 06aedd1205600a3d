using System.Collections.Frozen;
using Micro.Transport;

namespace Micro.Rpc;

/// <summary>S3: from a path to the method it names. The comparison is by characters; there is no second spelling of a path.</summary>
internal sealed class CallRouter
{
    private readonly FrozenDictionary<string, ServerMethod> _methods;
    private readonly ServerMethod[] _all;
    private readonly FrozenDictionary<string, ServerMethod[]> _contracts;

    public CallRouter(IEnumerable<ServerMethod> methods)
    {
        var byPath = new Dictionary<string, ServerMethod>(StringComparer.Ordinal);
        foreach (var method in methods)
        {
            if (!byPath.TryAdd(method.Spec.Path, method))
            {
                throw new InvalidOperationException(
                    $"{method.Spec.Path} is served twice, by {byPath[method.Spec.Path].HandlerName} and {method.HandlerName}. Serve one of them only, or give one of the contracts another name ([MicroService(…, Contract = \"…\")]).");
            }
        }

        _methods = byPath.ToFrozenDictionary(StringComparer.Ordinal);
        _all = [.. byPath.Values];
        _contracts = _all.GroupBy(method => method.Spec.Contract).ToFrozenDictionary(group => group.Key, group => group.ToArray(), StringComparer.Ordinal);
        Routes = [.. byPath.Values.Select(method => method.Route)];
    }

    public IReadOnlyCollection<CallRoute> Routes { get; }

    public ServerMethod? Find(string path) => _methods.GetValueOrDefault(path);

    /// <summary>Why a path leads nowhere, for the caller: unknown contract or unknown method.</summary>
    public CallStatus NotFound(string path)
    {
        var contract = ContractOf(path);
        var text = _contracts.ContainsKey(contract)
            ? $"The contract '{contract}' has no method '{path[(path.LastIndexOf('/') + 1)..]}' here. Names are case exact."
            : $"No contract '{contract}' is served here.";
        return new CallStatus(CallStatusCode.Unimplemented, text, notProcessed: true);
    }

    /// <summary>Whose rights decide what is told of a path that leads nowhere: the methods of its contract, or all there are when the contract is unknown too.</summary>
    public IReadOnlyList<ServerMethod> Near(string path) => _contracts.GetValueOrDefault(ContractOf(path)) ?? _all;

    private static string ContractOf(string path)
    {
        var slash = path.LastIndexOf('/');
        return slash > 1 && path[0] == '/' ? path[1..slash] : "";
    }
}
