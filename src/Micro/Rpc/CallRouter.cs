using System.Collections.Frozen;
using Micro.Transport;

namespace Micro.Rpc;

/// <summary>S3: from a path to the method it names. The comparison is by characters; there is no second spelling of a path.</summary>
internal sealed class CallRouter
{
    private readonly FrozenDictionary<string, ServerMethod> _methods;
    private readonly FrozenSet<string> _contracts;

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
        _contracts = byPath.Values.Select(method => method.Spec.Contract).ToFrozenSet(StringComparer.Ordinal);
        Routes = [.. byPath.Values.Select(method => method.Route)];
    }

    public IReadOnlyCollection<CallRoute> Routes { get; }

    public ServerMethod? Find(string path) => _methods.GetValueOrDefault(path);

    /// <summary>Why a path leads nowhere, for the caller: unknown contract or unknown method.</summary>
    public CallStatus NotFound(string path)
    {
        var slash = path.LastIndexOf('/');
        var contract = slash > 1 && path[0] == '/' ? path[1..slash] : "";
        var text = _contracts.Contains(contract)
            ? $"The contract '{contract}' has no method '{path[(slash + 1)..]}' here. Names are case exact."
            : $"No contract '{contract}' is served here.";
        return new CallStatus(CallStatusCode.Unimplemented, text, notProcessed: true);
    }
}
