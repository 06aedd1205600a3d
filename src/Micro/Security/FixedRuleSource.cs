namespace Micro.Security;

/// <summary>Rules that come with a part of Micro and never change.</summary>
internal sealed class FixedRuleSource(string name, params CallRule[] rules) : IRuleSource
{
    public string Name => name;

    public CancellationToken Changed => CancellationToken.None;

    public ValueTask<IReadOnlyList<CallRule>> ReadAsync(CancellationToken cancellationToken) => new(rules);
}
