using Micro.Tokens.Keys;

namespace Micro.Tokens.Verification;

/// <summary>An issuer that is believed.</summary>
/// <param name="Name">Compared exactly with <c>iss</c>.</param>
/// <param name="Keys">Its keys, and no other issuer's.</param>
/// <param name="Outside">How its tokens are read; null for our own.</param>
internal sealed record IssuerTrust(string Name, KeySource Keys, OutsideIssuerOptions? Outside);
