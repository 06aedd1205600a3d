namespace Micro.Cli.Terminal;

/// <summary>What <c>micro authority</c> writes with <c>--json</c>, but for <c>token</c>.</summary>
/// <param name="TrustDomain">The trust domain it signs for.</param>
/// <param name="Directory">Where its files are.</param>
/// <param name="Sequence">Number of its trust bundle.</param>
/// <param name="Roots">Its roots, the oldest first.</param>
/// <param name="Revoked">Identities that are trusted no more.</param>
/// <param name="Address">Of <c>serve</c>: where those that joined reach it.</param>
/// <param name="JoinAddress">Of <c>serve</c>: where others join.</param>
internal sealed record AuthorityJson(
    string TrustDomain,
    string Directory,
    long Sequence,
    IReadOnlyList<AuthorityJson.Root> Roots,
    IReadOnlyList<string> Revoked,
    string? Address = null,
    string? JoinAddress = null)
{
    /// <param name="Fingerprint">SHA-256 of the certificate.</param>
    /// <param name="SignsFrom">From when it signs.</param>
    /// <param name="NotAfter">When it is over.</param>
    /// <param name="TrustedUntil">When it goes, for one that another follows.</param>
    internal sealed record Root(string Fingerprint, DateTimeOffset SignsFrom, DateTimeOffset NotAfter, DateTimeOffset? TrustedUntil);
}
