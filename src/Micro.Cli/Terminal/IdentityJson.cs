namespace Micro.Cli.Terminal;

/// <summary>What <c>micro identity show --json</c> writes. There is no key in it.</summary>
/// <param name="Identity">SPIFFE id.</param>
/// <param name="Serial">Serial number of the certificate.</param>
/// <param name="NotBefore">From when it is valid.</param>
/// <param name="NotAfter">Until when.</param>
/// <param name="Root">SHA-256 of the root that vouches for it; null when none of the bundle does.</param>
/// <param name="Bundle">Whom it trusts.</param>
/// <param name="Provider">Where it comes from: <c>local</c>, <c>pem</c>, or another name.</param>
/// <param name="Place">The directory or the file it comes from, where there is one.</param>
internal sealed record IdentityJson(
    string Identity, string Serial, DateTimeOffset NotBefore, DateTimeOffset NotAfter, string? Root, IdentityJson.TrustBundle Bundle, string Provider, string? Place)
{
    internal sealed record TrustBundle(long Sequence, IReadOnlyList<Domain> TrustDomains);

    internal sealed record Domain(string Name, IReadOnlyList<string> Roots);
}
