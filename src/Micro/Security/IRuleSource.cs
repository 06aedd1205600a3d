namespace Micro.Security;

/// <summary>
/// Where rules come from: attributes, configuration, a file, a store. Every source adds to the others. A source only reads; that a bad set leaves the last good one in
/// place is its reader's work. Thread-safe.
/// </summary>
public interface IRuleSource
{
    /// <summary>What it is, for messages: the path of the file, the section of the configuration.</summary>
    string Name { get; }

    /// <summary>Fires when the rules may be others than before. Each change has a token of its own; take it before reading.</summary>
    CancellationToken Changed { get; }

    /// <summary>Reads the whole set.</summary>
    /// <exception cref="RuleException">It cannot be read, or something in it is malformed or unknown.</exception>
    ValueTask<IReadOnlyList<CallRule>> ReadAsync(CancellationToken cancellationToken);
}
