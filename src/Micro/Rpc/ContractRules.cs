using Micro.Security;

namespace Micro.Rpc;

/// <summary>The rules that the contracts of the process carry as attributes. Each is about its own method, whatever it says.</summary>
internal sealed class ContractRules(IEnumerable<HostedContract> contracts) : IRuleSource
{
    public string Name => "the attributes of contracts";

    public CancellationToken Changed => CancellationToken.None;

    public ValueTask<IReadOnlyList<CallRule>> ReadAsync(CancellationToken cancellationToken) => new(
        [.. contracts.SelectMany(hosted => hosted.Contract.Methods).SelectMany(Of)]);

    public static IReadOnlyList<CallRule> Of(CallMethod method) =>
    [
        .. method.Description.Rules.Select(rule => rule with { Kind = ResourceKind.Call, Name = method.Spec.Contract, Operation = method.Spec.Method }),
    ];
}
