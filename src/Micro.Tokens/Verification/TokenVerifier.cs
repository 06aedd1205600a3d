using Micro.Security;
using Micro.Tokens.Keys;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Micro.Tokens.Verification;

/// <summary>
/// Verifies access tokens: JSON Web Tokens in compact serialization, signed by a believed issuer. In this order: size and spelling, algorithm, header, issuer, key,
/// claims, signature; then whether the bearer is whom the token is bound to. No connection and no file is opened because of what a token says.
/// Sources: RFC 7515, 7519, 7800, 8725; JWT-SVID.md.
/// </summary>
internal sealed partial class TokenVerifier : ITokenAuthenticator
{
    private static readonly TimeSpan CacheTime = TimeSpan.FromMinutes(1);

    private readonly TokenTrust _trust;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _leeway;
    private readonly VerifiedTokenCache _cache;
    private readonly ILogger _logger;
    private readonly JsonWebTokenHandler _handler = new() { MaximumTokenSizeInBytes = CompactToken.MaxLength, MapInboundClaims = false };

    public TokenVerifier(TokenTrust trust, TokenOptions options, TimeProvider clock, ILogger logger)
    {
        _trust = trust;
        _clock = clock;
        _leeway = options.Leeway;
        _cache = new VerifiedTokenCache(options.CacheSize);
        _logger = logger;
    }

    /// <summary>Tokens whose signature was checked, for tests of what is remembered.</summary>
    internal long Verifications { get; private set; }

    public TokenVerdict Authenticate(string token, ServiceIdentity? bearer, string audience)
    {
        string reason;
        try
        {
            var verified = Verify(token, audience);
            if (verified.BoundTo is null || verified.BoundTo.Equals(bearer))
            {
                return TokenVerdict.Verified(verified.Account, verified.NotAfter);
            }

            reason = "it is bound to another identity than that of the connection";
        }
        catch (TokenRefusedException e)
        {
            reason = e.Message;
        }
        catch (Exception e)
        {
            // What it says may quote the token.
            reason = $"it cannot be verified ({e.GetType().Name})";
        }

        TokenRefused(reason);
        return TokenVerdict.Refused(reason);
    }

    private VerifiedToken Verify(string token, string audience)
    {
        if (string.IsNullOrEmpty(token) || token.Length > CompactToken.MaxLength || string.IsNullOrEmpty(audience))
        {
            throw new TokenRefusedException($"it is empty or longer than {CompactToken.MaxLength} characters, or the audience is empty");
        }

        var hash = VerifiedTokenCache.Hash(token, audience);
        var now = _clock.GetUtcNow();
        if (_cache.Find(hash) is { } known && now < known.Until && ReferenceEquals(known.Keys, known.Issuer.Keys.Current))
        {
            return known;
        }

        var verified = Verify(token, audience, now);
        _cache.Add(hash, verified);
        return verified;
    }

    private VerifiedToken Verify(string token, string audience, DateTimeOffset now)
    {
        var parts = CompactToken.Parse(token);
        var header = TokenHeader.Parse(parts.Header);
        using var payload = StrictJson.Parse(parts.Payload, "payload");
        var claims = payload.RootElement;
        var issuer = _trust.Find(StrictJson.Text(claims, "iss")) ?? throw new TokenRefusedException("its issuer is not believed");
        header.CheckType(issuer.Outside?.TokenType);
        var (keys, key) = KeyOf(issuer, header, now);
        var wanted = issuer.Outside?.Audience ?? audience;
        var read = TokenClaims.Parse(claims, wanted, Seconds(now), _leeway.TotalSeconds);
        CheckSignature(token, issuer, wanted, header.Algorithm, key);
        var account = AccountClaims.Read(claims, read.Subject, issuer);
        var notAfter = DateTimeOffset.UnixEpoch.AddSeconds(Math.Floor(read.ExpiresAt));
        return new VerifiedToken(account, notAfter, read.BoundTo, issuer, keys, Earliest(notAfter, key.NotAfter, now + CacheTime));
    }

    private static (KeySet Keys, VerificationKey Key) KeyOf(IssuerTrust issuer, TokenHeader header, DateTimeOffset now)
    {
        var keys = issuer.Keys.Current;
        var key = keys.Find(header.KeyId);
        if (key is null)
        {
            keys = issuer.Keys.Newest;
            key = keys.Find(header.KeyId);
        }

        if (key is null || key.NotAfter <= now)
        {
            throw new TokenRefusedException("its key is not one of its issuer's");
        }

        return key.Algorithms.Contains(header.Algorithm, StringComparer.Ordinal)
            ? (keys, key)
            : throw new TokenRefusedException("its algorithm does not fit its key");
    }

    private void CheckSignature(string token, IssuerTrust issuer, string audience, string algorithm, VerificationKey key)
    {
        Verifications++;
        var task = _handler.ValidateTokenAsync(token, Parameters(issuer, audience, algorithm, key));
        if (!task.IsCompletedSuccessfully || task.GetAwaiter().GetResult() is not { IsValid: true })
        {
            throw new TokenRefusedException("its signature is wrong");
        }
    }

    /// <summary>One key, one algorithm, one issuer, one audience. Times were checked; the handler's clock is not ours, so it gets the same answer.</summary>
    private static TokenValidationParameters Parameters(IssuerTrust issuer, string audience, string algorithm, VerificationKey key) => new()
    {
        IssuerSigningKey = key.Key,
        TryAllIssuerSigningKeys = false,
        ValidAlgorithms = [algorithm],
        ValidIssuer = issuer.Name,
        ValidAudience = audience,
        IgnoreTrailingSlashWhenValidatingAudience = false,
        LifetimeValidator = static (_, expires, _, _) => expires is not null,
        IncludeTokenOnFailedValidation = false,
        LogTokenId = false,
        LogValidationExceptions = false,
    };

    private static double Seconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).TotalSeconds;

    private static DateTimeOffset Earliest(DateTimeOffset one, DateTimeOffset two, DateTimeOffset three) => new[] { one, two, three }.Min();

    [LoggerMessage(1710, LogLevel.Warning, "A token was refused: {Reason}.")]
    private partial void TokenRefused(string reason);
}
