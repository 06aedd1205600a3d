using System.Security.Cryptography.X509Certificates;
using Micro.Internal;
using Micro.Security;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Micro.AspNetCore.Authority;

/// <summary>
/// Signs for other machines, with the local authority's key, whom a join token or a verified certificate entitles and nobody else. What callers are told of a refusal is
/// one text whatever the reason, which is in the log. Thread-safe.
/// </summary>
internal sealed partial class AuthorityService
{
    private const string UnverifiedNamespace = Micro.Rpc.UnverifiedCaller.Namespace;

    /// <summary>Longest a request for the bundle is held back.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private static readonly CallStatus JoinRefused = new(
        CallStatusCode.Unauthenticated,
        "The join is refused: the token is not known, used, over or for another service, or the request for a certificate is not in order. The log of the authority has the reason.",
        notProcessed: true);

    private static readonly CallStatus TooMany = new(CallStatusCode.ResourceExhausted, "Too many joins from this address failed; try again in a minute.", notProcessed: true);

    private static readonly CallStatus NotYours = new(
        CallStatusCode.PermissionDenied, "A certificate is renewed only for the service that asks, and this one is refused. The log of the authority has the reason.", notProcessed: true);

    private static readonly CallStatus Failed = new(CallStatusCode.Internal, "The authority cannot do that now. Its log has the reason.");

    private readonly LocalAuthority _authority;
    private readonly PeerSecurity _security;
    private readonly AuthorityServerOptions _options;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly JoinThrottle _throttle;
    private readonly JoinTokens _tokens;

    public AuthorityService(
        LocalAuthority authority,
        PeerSecurity security,
        IOptions<AuthorityServerOptions> options,
        IHostApplicationLifetime lifetime,
        TimeProvider time,
        ILogger<AuthorityService> logger)
    {
        (_authority, _security, _options, _lifetime, _time, _logger) = (authority, security, options.Value, lifetime, time, logger);
        _throttle = new JoinThrottle(_options.MaxFailedJoins, time);
        _tokens = new JoinTokens(authority.Directory, time);
    }

    public AuthorityRoots Roots()
    {
        var state = _authority.Look();
        return new AuthorityRoots(state.TrustDomain, [.. state.Roots.Select(root => root.Certificate.RawData)]);
    }

    /// <exception cref="CallException">Refused.</exception>
    public AuthorityLeaf Join(AuthorityJoin request, CallContext context)
    {
        if (_throttle.IsExhausted(context.RemoteAddress))
        {
            throw new CallException(TooMany);
        }

        if (string.IsNullOrEmpty(_options.JoinListen))
        {
            // Asked for at a listener of something else.
            throw RefuseJoin(context, "nobody can join here; set Micro:Authority:JoinListen");
        }

        // All that can be wrong with it before the token, which is good once.
        var asked = Read(request.Identity, request.SigningRequest);
        if (asked is not { Identity: { } identity, Signing: { } signing })
        {
            throw RefuseJoin(context, asked.Wrong);
        }

        try
        {
            var leaf = Sign(_tokens.Redeem(request.Token, identity), signing, request.LifetimeSeconds);
            LogJoined(identity, context.RemoteAddress, leaf.SerialNumber, leaf.NotAfter.ToUniversalTime());
            return Answer(leaf);
        }
        catch (JoinTokenException refused)
        {
            throw RefuseJoin(context, $"{refused.Failure}: {refused.Message}");
        }
        catch (CredentialException failure)
        {
            throw Fail(context, failure);
        }
    }

    /// <exception cref="CallException">Refused.</exception>
    public AuthorityLeaf Renew(AuthorityRenewal request, CallContext context)
    {
        // Only what a certificate of this connection proves: not a token beside it, not a caller that merely counts as one of the trust domain.
        if (context.Caller is not { Identity: { Namespace: not UnverifiedNamespace } caller, Account: null } || request.Identity != caller.ToString())
        {
            LogRenewalRefused(context.Caller, $"it asked for '{Shorten(request.Identity)}'.");
            throw new CallException(NotYours);
        }

        var asked = Read(request.Identity, request.SigningRequest);
        if (asked.Signing is not { } signing)
        {
            LogRenewalRefused(context.Caller, asked.Wrong);
            throw new CallException(NotYours);
        }

        try
        {
            var leaf = Sign(caller, signing, request.LifetimeSeconds);
            LogRenewed(caller, leaf.SerialNumber, leaf.NotAfter.ToUniversalTime());
            return Answer(leaf);
        }
        catch (CredentialException failure)
        {
            throw Fail(context, failure);
        }
    }

    /// <summary>The bundle; held back while it is the one the caller knows, so that a change reaches everybody at once and nobody has to ask often.</summary>
    public async ValueTask<AuthorityBundle> BundleAsync(AuthorityBundleRequest request, CallContext context)
    {
        var wait = double.IsFinite(request.WaitSeconds) ? Math.Clamp(request.WaitSeconds, 0, LongestWait.TotalSeconds) : 0;
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(wait), _time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(late.Token, context.CancellationToken, _lifetime.ApplicationStopping);
        var own = _security.IdentityOf(AuthorityRequests.Service);
        while (true)
        {
            // The source looks at the authority's files four times a second; its own credential is superseded when the bundle is.
            var credential = await _security.Credentials.GetAsync(own, context.CancellationToken);
            var state = _authority.Look();
            if (state.Sequence != request.Known || end.IsCancellationRequested)
            {
                return AuthorityBundle.Of(state);
            }

            try
            {
                await credential.Superseded.WhenCancelledAsync(end.Token);
            }
            catch (OperationCanceledException)
            {
                context.CancellationToken.ThrowIfCancellationRequested();
            }
        }
    }

    private static string Shorten(string? text) => string.Concat((text ?? "").Take(200).Select(c => c is >= ' ' and <= '~' ? c : '?'));

    /// <summary>Who is meant and with which key; or what is wrong with that, whoever asks.</summary>
    private Asked Read(string? text, byte[]? pkcs10)
    {
        var state = _authority.Look();

        // Nobody else becomes the authority, whatever token there is: everybody trusts that name with theirs.
        if (!ServiceIdentity.TryParse(text, out var identity)
            || identity is { Service: null } or { Namespace: UnverifiedNamespace } or { Service: AuthorityRequests.Service }
            || identity.TrustDomain != state.TrustDomain)
        {
            return new(null, null, $"'{Shorten(text)}' is no service that a certificate is made for.");
        }

        if (state.Revoked.Contains(identity))
        {
            return new(null, null, $"'{identity}' was revoked.");
        }

        try
        {
            return new(identity, SigningRequest.Read(pkcs10 ?? []), "");
        }
        catch (CredentialException wrong)
        {
            return new(null, null, wrong.Message);
        }
    }

    private X509Certificate2 Sign(ServiceIdentity entitled, SigningRequest request, double? seconds)
    {
        var wanted = seconds is > 0 and < 86400 and { } given ? TimeSpan.FromSeconds(given) : _options.MaxLeafLifetime;
        return _authority.Sign(entitled, request, wanted < _options.MaxLeafLifetime ? wanted : _options.MaxLeafLifetime);
    }

    private AuthorityLeaf Answer(X509Certificate2 leaf) => new([leaf.RawData], AuthorityBundle.Of(_authority.State));

    private CallException RefuseJoin(CallContext context, string reason)
    {
        _throttle.Failed(context.RemoteAddress);
        LogJoinRefused(context.RemoteAddress, reason);
        return new CallException(JoinRefused);
    }

    private CallException Fail(CallContext context, CredentialException failure)
    {
        LogFailed(context.RemoteAddress, failure.Message);
        return new CallException(Failed);
    }

    /// <param name="Identity">Who is meant; null when something is wrong.</param>
    /// <param name="Signing">The key; null when something is wrong.</param>
    /// <param name="Wrong">What is wrong, for the log.</param>
    private readonly record struct Asked(ServiceIdentity? Identity, SigningRequest? Signing, string Wrong);
}
