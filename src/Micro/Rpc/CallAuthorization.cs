using System.Diagnostics;
using System.Diagnostics.Metrics;
using Micro.Internal;
using Micro.Security;
using Micro.Transport;
using Microsoft.Extensions.Logging;

namespace Micro.Rpc;

/// <summary>
/// S4 of a call: whether the caller may. Every decision is counted or logged; one that cannot be made denies (RBAC-1). What a denied caller is told is the same
/// text whatever it asked for, so that it cannot tell a method it may not call from one that does not exist (RBAC-11).
/// </summary>
internal sealed partial class CallAuthorization
{
    private static readonly CallStatus Denied = new(CallStatusCode.PermissionDenied, "The call is not allowed.", notProcessed: true);
    private static readonly CallStatus Unknown = new(CallStatusCode.Unauthenticated, "The call is not allowed without an identity.", notProcessed: true);

    private readonly IAuthorizer _authorizer;
    private readonly RandomSource _random;
    private readonly Counter<long> _denials;
    private readonly ILogger _logger;

    public CallAuthorization(IAuthorizer authorizer, RandomSource random, IMeterFactory? meters, ILogger<CallAuthorization> logger)
    {
        _authorizer = authorizer;
        _random = random;
        _denials = (meters?.Create(CallTelemetry.Name) ?? new Meter(CallTelemetry.Name)).CreateCounter<long>("micro.security.denials", "{call}", "Calls that were denied.");
        _logger = logger;
    }

    /// <summary>Fires when the rules changed.</summary>
    public CancellationToken Changed => _authorizer.Changed;

    /// <summary>What a caller that may not is told: to prove who it is when it has not (go-micro's 401), else that it may not (403).</summary>
    public static CallStatus Denial(Caller caller) => caller.IsAnonymous ? Unknown : Denied;

    /// <summary>Whether the caller may; for what is asked beside a call of its own, and so not logged.</summary>
    public bool IsAllowed(Caller caller, in ProtectedResource resource) => Decide(caller, resource).IsAllowed;

    /// <summary>Null when the caller may call the method, else what it is told.</summary>
    public CallStatus? Refusal(Caller caller, ServerMethod method, IncomingCall call) => Refusal(caller, method.Resource, call.TraceParent);

    /// <summary>As above, for what the pipeline does not serve.</summary>
    public CallStatus? Refusal(Caller caller, in ProtectedResource resource, string? traceParent)
    {
        var decision = Decide(caller, resource);
        if (decision.IsAllowed)
        {
            if (_logger.IsEnabled(LogLevel.Debug))
            {
                CallAllowed(caller, resource, decision.Rule?.Id, DecisionId(traceParent));
            }

            return null;
        }

        Deny(caller, resource, decision.Rule, traceParent);
        return Denial(caller);
    }

    /// <summary>Null when the caller may call one of the methods, else what a call of a method that does not exist is told.</summary>
    public CallStatus? UnknownRefusal(Caller caller, IReadOnlyList<ServerMethod> near, IncomingCall call)
    {
        foreach (var method in near)
        {
            if (IsAllowed(caller, method.Resource))
            {
                return null;
            }
        }

        var path = call.Path.Length <= 200 ? call.Path : call.Path[..200];
        Deny(caller, new ProtectedResource(ResourceKind.Call, path, "(none)"), null, call.TraceParent);
        return Denial(caller);
    }

    private void Deny(Caller caller, ProtectedResource resource, CallRule? rule, string? traceParent)
    {
        _denials.Add(1);
        if (_logger.IsEnabled(LogLevel.Warning))
        {
            CallDenied(caller, resource, rule?.Id ?? "none that matches", DecisionId(traceParent));
        }
    }

    private AuthorizationDecision Decide(Caller caller, in ProtectedResource resource)
    {
        try
        {
            return _authorizer.Authorize(caller, resource);
        }
        catch (Exception e)
        {
            NotDecided(caller, resource, e);
            return default;
        }
    }

    private string DecisionId(string? traceParent) =>
        ActivityContext.TryParse(traceParent, null, out var trace) ? trace.TraceId.ToHexString() : _random.Next().ToString("x16", System.Globalization.CultureInfo.InvariantCulture);

    [LoggerMessage(1660, LogLevel.Warning, "Denied: {Caller} on {Resource}, by rule {Rule} (decision {DecisionId}).")]
    private partial void CallDenied(Caller caller, ProtectedResource resource, string rule, string decisionId);

    [LoggerMessage(1661, LogLevel.Debug, "Allowed: {Caller} on {Resource}, by rule {Rule} (decision {DecisionId}).")]
    private partial void CallAllowed(Caller caller, ProtectedResource resource, string? rule, string decisionId);

    [LoggerMessage(1662, LogLevel.Error, "Whether {Caller} may do {Resource} could not be decided, so it may not.")]
    private partial void NotDecided(Caller caller, ProtectedResource resource, Exception exception);
}
