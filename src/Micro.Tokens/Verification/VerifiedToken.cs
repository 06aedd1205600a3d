using Micro.Tokens.Keys;

namespace Micro.Tokens.Verification;

/// <summary>What is known of a token that was verified for one audience; whether its bearer may use it is asked for each call. Immutable; holds no part of the token.</summary>
/// <param name="Account">Whose it is.</param>
/// <param name="NotAfter">Its <c>exp</c>.</param>
/// <param name="BoundTo">The one identity that may use it; null for any.</param>
/// <param name="Issuer">Who vouches for it.</param>
/// <param name="Keys">The issuer's keys it was verified with.</param>
/// <param name="Until">Until when it need not be verified again.</param>
internal sealed record VerifiedToken(Account Account, DateTimeOffset NotAfter, ServiceIdentity? BoundTo, IssuerTrust Issuer, KeySet Keys, DateTimeOffset Until);
