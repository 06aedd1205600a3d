using System.Collections.Concurrent;
using Micro.Security;
using Micro.Transport;
using Microsoft.Extensions.Logging;

namespace Micro.Rpc;

/// <summary>
/// S2 of a call: who calls. The connection's certificate was judged by the transport; a bearer token beside it says on whose behalf, and without a certificate it is the
/// caller. A token that is refused is a call that is refused, never an anonymous one; where nothing checks tokens, all are. An authorization header of another scheme is
/// none of its business and reaches the handler. Headers, paths and addresses never say who somebody is (RBAC-4).
/// </summary>
internal sealed partial class CallerRecognition(UnverifiedCaller unverified, RuleNames names, ITokenAuthenticator? tokens, ILogger<CallerRecognition> logger)
{
    private const string Scheme = "Bearer";
    private const string Header = "authorization";

    private static readonly CallStatus Refused = new(CallStatusCode.Unauthenticated, TokenVerdict.RefusalText, notProcessed: true);

    // Bounded by the services of this process: only they are asked for.
    private readonly ConcurrentDictionary<string, string> _audiences = new(StringComparer.Ordinal);

    /// <param name="call">The call.</param>
    /// <param name="service">The service asked for, whose name has to be a token's audience.</param>
    public RecognizedCaller Recognize(IncomingCall call, string service)
    {
        var caller = unverified.Recognize(call);
        if (call.Headers.Count == 0 || call.Headers[Header] is not { } header)
        {
            return new RecognizedCaller(caller);
        }

        // RFC 9110, 11.6.2: there is one. Of two, which HTTP may have joined by a comma, this process would look at one and whoever is behind
        // it at the other.
        if (call.Headers.GetAll(Header).Skip(1).Any() || header.Split(',').Skip(1).Any(part => BearerOf(part) is not null))
        {
            return Refuse(call, caller, "there is more than one authorization header");
        }

        if (BearerOf(header) is not { } token)
        {
            return new RecognizedCaller(caller); // of a scheme that is the service's own business
        }

        if (tokens is null)
        {
            return Refuse(call, caller, "nothing here checks tokens; AddTokens() of Micro.Tokens does");
        }

        // It has done its work: no handler can hand it on.
        call.Headers.Remove(Header);
        var verdict = Judge(token, call.Caller.Identity, service);
        if (verdict.IsAccepted)
        {
            // On its own a token is the caller; one who merely was not verified does not speak for it.
            return new RecognizedCaller(new Caller(call.Caller.Identity, verdict.Account), null, verdict.NotAfter);
        }

        return Refuse(call, caller, verdict.Refusal);
    }

    private RecognizedCaller Refuse(IncomingCall call, Caller caller, string reason)
    {
        TokenRefused(call.RemoteAddress, reason);
        return new RecognizedCaller(caller, Refused);
    }

    /// <summary>What is behind the scheme, whatever it is; null when the scheme is another.</summary>
    private static string? BearerOf(string header)
    {
        var text = header.AsSpan().Trim();
        var end = text.IndexOfAny(' ', '\t');
        return (end < 0 ? text : text[..end]).Equals(Scheme, StringComparison.OrdinalIgnoreCase) ? (end < 0 ? "" : text[end..].Trim().ToString()) : null;
    }

    private TokenVerdict Judge(string token, ServiceIdentity? bearer, string service)
    {
        try
        {
            return tokens!.Authenticate(token, bearer, _audiences.GetOrAdd(service, static (name, own) => $"spiffe://{own.TrustDomain}/{own.Namespace}/{name}", names));
        }
        catch (Exception failure)
        {
            return TokenVerdict.Refused($"whoever checks it failed: {failure.GetType().Name}");
        }
    }

    [LoggerMessage(1671, LogLevel.Warning, "A token from {Remote} was refused: {Reason}.")]
    private partial void TokenRefused(string? remote, string reason);
}
