using System.Collections.Frozen;
using System.Security.Cryptography;
using Micro.Security;
using Micro.Tokens.Issuing;
using Micro.Tokens.Keys;
using Micro.Tokens.Verification;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Micro.Tokens;

/// <summary>
/// Issues access tokens (JSON Web Tokens, ES256) and refresh tokens for the accounts of an <see cref="AccountDirectory"/>, with keys kept in the home. Every no is
/// the same null; the reason is in the log alone. Thread-safe. Sources: RFC 7519; RFC 9700, section 4.14.2.
/// </summary>
public sealed partial class TokenIssuer
{
    private const int MaxFamilies = 16;
    private const string Reused = "the refresh token was used before or is made up; its sign-in is ended";

    private readonly AccountDirectory _accounts;
    private readonly LocalKeys _keys;
    private readonly TokenOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false };

    internal TokenIssuer(AccountDirectory accounts, LocalKeys keys, TokenOptions options, TimeProvider clock, ILogger logger)
    {
        _accounts = accounts;
        _keys = keys;
        _options = options;
        _clock = clock;
        _logger = logger;
    }

    /// <summary>Issues a token to whoever knows the secret of an account. An unknown account takes as long as a wrong secret.</summary>
    /// <param name="id">The account.</param>
    /// <param name="secret">Its secret.</param>
    /// <param name="request">What the token is to be good for.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The token; null when there is no such account or the secret is another.</returns>
    /// <exception cref="ArgumentException">The request asks for something no token can be.</exception>
    /// <exception cref="AccountStoreException">Accounts cannot be read or written.</exception>
    /// <exception cref="CredentialException">The keys cannot be read or written.</exception>
    public async ValueTask<IssuedToken?> TryIssueAsync(string id, string secret, TokenRequest request, CancellationToken cancellationToken = default)
    {
        Check(request);
        if (await _accounts.TryVerifyRecordAsync(id, secret, cancellationToken) is { } record)
        {
            return await IssueAsync(record, request, cancellationToken);
        }

        Refused("the account is unknown or the secret is wrong");
        return null;
    }

    /// <summary>Issues a token without asking for a secret: for operators, whose right to do so was checked by the caller.</summary>
    /// <param name="id">The account.</param>
    /// <param name="request">What the token is to be good for.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The token; null when there is no such account.</returns>
    /// <exception cref="ArgumentException">The request asks for something no token can be.</exception>
    /// <exception cref="AccountStoreException">Accounts cannot be read or written.</exception>
    /// <exception cref="CredentialException">The keys cannot be read or written.</exception>
    public async ValueTask<IssuedToken?> TryIssueWithoutSecretAsync(string id, TokenRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        Check(request);
        return await _accounts.Store.FindAsync(id, cancellationToken) is { } record ? await IssueAsync(record, request, cancellationToken) : null;
    }

    /// <summary>
    /// Exchanges a refresh token for a new pair. Each is good once: using one a second time ends the sign-in it belongs to, because one of the two users has stolen
    /// it.
    /// </summary>
    /// <param name="refreshToken">The newest of the sign-in.</param>
    /// <param name="bearer">The verified identity of the connection it came over; null when that has none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The new pair, for the same audience and with no more scopes; null when the refresh token is not accepted.</returns>
    /// <exception cref="AccountStoreException">Accounts cannot be read or written.</exception>
    /// <exception cref="CredentialException">The keys cannot be read or written.</exception>
    public async ValueTask<IssuedToken?> TryRefreshAsync(string refreshToken, ServiceIdentity? bearer = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(refreshToken);
        if (RefreshToken.TryParse(refreshToken) is not { } token || token.AccountId.Length is 0 or > 128)
        {
            Refused("the refresh token is malformed");
            return null;
        }

        while (await _accounts.Store.FindAsync(token.AccountId, cancellationToken) is { } record
            && record.Families.FirstOrDefault(family => family.Id == token.FamilyId) is { } family)
        {
            var outcome = Judge(family, token, bearer);
            if (outcome is not null)
            {
                Refused(outcome);
                if (outcome != Reused || await _accounts.Store.TryWriteAsync(record with { Families = [.. record.Families.Where(one => one.Id != family.Id)] }, cancellationToken) is not null)
                {
                    return null;
                }

                continue;
            }

            var (text, next) = RefreshToken.Create(record.Id, family.Id);
            var rotated = record with { Families = [.. record.Families.Select(one => one.Id == family.Id ? family with { Hash = next.Hash } : one)] };
            if (await _accounts.Store.TryWriteAsync(rotated, cancellationToken) is { } written)
            {
                var request = new TokenRequest { Audience = family.Audience, Scopes = family.Scopes, BoundTo = family.BoundTo };
                return await SignAsync(written, request, cancellationToken) with { RefreshToken = text, RefreshExpiresAt = family.ExpiresAt };
            }
        }

        Refused("the refresh token's account or sign-in is gone");
        return null;
    }

    /// <summary>The public keys as a JSON Web Key Set (RFC 7517), to be served at <c>/.well-known/jwks.json</c>; without keys until the first token was issued.</summary>
    /// <exception cref="CredentialException">The keys cannot be read.</exception>
    public string GetKeySet() => JsonWebKeys.Write(_keys.Published.Select(key => (key.Id, key.Public)));

    /// <summary>
    /// Makes a new key. It is published at once and signs after <see cref="TokenOptions.KeyOverlap"/>; the old one verifies for that long after it stopped signing.
    /// </summary>
    /// <param name="revokeOld">For a key that was stolen: the new one signs at once and all tokens there are end, in this machine's processes within a second.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CredentialException">The keys cannot be read or written.</exception>
    public ValueTask RollKeyAsync(bool revokeOld = false, CancellationToken cancellationToken = default) => _keys.RollAsync(revokeOld, cancellationToken);

    /// <summary>Why a refresh token is refused; null when it is good.</summary>
    private string? Judge(RefreshFamily family, RefreshToken token, ServiceIdentity? bearer) =>
        family.ExpiresAt <= _clock.GetUtcNow() ? "the refresh token's sign-in is over"
        : family.BoundTo is { } owner && !owner.Equals(bearer) ? "the refresh token is bound to another identity"
        : CryptographicOperations.FixedTimeEquals(family.Hash.Span, token.Hash) ? null
        : Reused;

    private async ValueTask<IssuedToken> IssueAsync(AccountRecord record, TokenRequest request, CancellationToken cancellationToken)
    {
        var issued = await SignAsync(record, request, cancellationToken);
        if (!request.WithRefresh)
        {
            return issued;
        }

        var (text, token) = RefreshToken.Create(record.Id, null);
        var family = new RefreshFamily
        {
            Id = token.FamilyId,
            Hash = token.Hash,
            Audience = request.Audience,
            Scopes = request.Scopes,
            BoundTo = request.BoundTo,
            ExpiresAt = _accounts.Now() + _options.RefreshLifetime,
        };
        await AddAsync(record, family, cancellationToken);
        return issued with { RefreshToken = text, RefreshExpiresAt = family.ExpiresAt };
    }

    private async ValueTask AddAsync(AccountRecord record, RefreshFamily family, CancellationToken cancellationToken)
    {
        while (true)
        {
            var now = _clock.GetUtcNow();
            var kept = record.Families.Where(one => one.ExpiresAt > now).OrderBy(one => one.ExpiresAt).TakeLast(MaxFamilies - 1);
            if (await _accounts.Store.TryWriteAsync(record with { Families = [.. kept, family] }, cancellationToken) is not null)
            {
                return;
            }

            // A secret that was changed meanwhile ended the sign-ins; this one would outlive it.
            record = await _accounts.Store.FindAsync(record.Id, cancellationToken) is { } newer && IsSame(newer.Secret, record.Secret)
                ? newer
                : throw new AccountStoreException($"The account {record.Id} was changed while a token was issued for it. Sign in again.");
        }
    }

    private static bool IsSame(HashedSecret? one, HashedSecret? other) =>
        one is null ? other is null : other is not null && one.Salt.Span.SequenceEqual(other.Salt.Span) && one.Hash.Span.SequenceEqual(other.Hash.Span);

    private async ValueTask<IssuedToken> SignAsync(AccountRecord record, TokenRequest request, CancellationToken cancellationToken)
    {
        var key = await _keys.GetAsync(cancellationToken);
        var account = _accounts.AccountOf(record);
        if (request.Scopes is { } wanted)
        {
            account = account with { Scopes = account.Scopes.Where(wanted.Contains).ToFrozenSet(StringComparer.Ordinal) };
        }

        var now = _accounts.Now();
        var expires = now + (request.Lifetime ?? _options.Lifetime);
        var token = _handler.CreateToken(TokenPayload.Write(account, request.Audience, request.BoundTo, now, expires), key.Credentials);
        return token.Length <= CompactToken.MaxLength
            ? new IssuedToken(token, expires, account)
            : throw new ArgumentException($"The token of account {account.Id} would be longer than {CompactToken.MaxLength} characters, which nobody accepts; ask for fewer scopes.");
    }

    private void Check(TokenRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Audience is not { Length: > 0 and <= 2048 } audience || audience.Any(c => c is <= ' ' or > '~'))
        {
            throw new ArgumentException("The audience of a token is 1 to 2,048 visible ASCII characters.", nameof(request));
        }

        if (request.Lifetime is { } lifetime && (lifetime < TimeSpan.FromSeconds(1) || lifetime > _options.Lifetime))
        {
            throw new ArgumentException($"The lifetime of a token is 1 second to {_options.Lifetime} (Micro:Tokens:Lifetime).", nameof(request));
        }
    }

    [LoggerMessage(1720, LogLevel.Warning, "No token was issued: {Reason}.")]
    private partial void Refused(string reason);
}
