namespace Micro.Cli.Terminal;

/// <summary>What <c>micro authority token --json</c> writes.</summary>
/// <param name="Token">The token with the fingerprint of the root; it cannot be had again.</param>
/// <param name="Identity">Whom it makes.</param>
/// <param name="ExpiresAt">Until when it is good, once.</param>
internal sealed record JoinTokenJson(string Token, string Identity, DateTimeOffset ExpiresAt);
