namespace Micro;

/// <summary>
/// A user or an outside caller, as a verified token names it. Immutable.
/// </summary>
/// <param name="Id">Unique within the issuer.</param>
/// <param name="Type">What it is: <c>user</c>, <c>service</c>, or a word of the issuer's own.</param>
/// <param name="Scopes">What it was granted; compared exactly.</param>
/// <param name="Issuer">Who vouches for it.</param>
public sealed record Account(string Id, string Type, IReadOnlySet<string> Scopes, string Issuer)
{
    /// <summary>Further names and values from the issuer; empty by default.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = System.Collections.Frozen.FrozenDictionary<string, string>.Empty;
}
