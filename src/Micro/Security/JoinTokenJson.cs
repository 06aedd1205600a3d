namespace Micro.Security;

/// <summary>What is kept of a join token, version 1: enough to recognise it, not enough to make it.</summary>
/// <param name="Hash">SHA-256 of its secret.</param>
/// <param name="Identity">Whom it makes.</param>
/// <param name="ExpiresAt">When it is over.</param>
internal sealed record JoinTokenJson(byte[] Hash, string Identity, DateTimeOffset ExpiresAt);
