namespace Micro.Cli.Terminal;

/// <summary>What <c>micro auth token --json</c> writes.</summary>
internal sealed record TokenJson(string Token, DateTimeOffset ExpiresAt, string Account, IReadOnlyList<string> Scopes, string Audience, string? BoundTo);
