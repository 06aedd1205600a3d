using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace Micro.Security;

/// <summary>Decides by the newest set of rules. Until there is one, everything is denied.</summary>
internal sealed partial class RuleAuthorizer : IAuthorizer
{
    private readonly ILogger<RuleAuthorizer> _logger;
    private readonly Counter<long> _failures;
    private volatile State _state = new(RuleSet.Empty);

    public RuleAuthorizer(ILogger<RuleAuthorizer> logger, IMeterFactory? meters)
    {
        _logger = logger;
        _failures = (meters?.Create("Micro") ?? new Meter("Micro")).CreateCounter<long>(
            "micro.security.rule_failures", "{failure}", "Rules that could not be evaluated, and sets of rules that could not be used.");
    }

    public RuleSet Rules => _state.Rules;

    public CancellationToken Changed => _state.Changed.Token;

    public AuthorizationDecision Authorize(Caller caller, in ProtectedResource resource)
    {
        var decision = _state.Rules.Authorize(caller, resource, out var failure);
        if (failure is not null)
        {
            _failures.Add(1);
            RuleFailed(caller, resource, failure);
        }

        return decision;
    }

    /// <summary>Replaces the rules, all at once, and tells those who wait.</summary>
    public void Use(RuleSet rules)
    {
        var old = _state;
        _state = new State(rules);

        // Elsewhere: what long calls do about it is no business of whoever changed the rules.
        _ = old.Changed.CancelAsync();
    }

    /// <summary>Counts a set of rules that was not taken.</summary>
    public void CountFailure() => _failures.Add(1);

    [LoggerMessage(1650, LogLevel.Error, "The scopes of {Caller} could not be read for {Resource}: rules that deny for a scope counted as matching, rules that allow did not.")]
    private partial void RuleFailed(Caller caller, ProtectedResource resource, Exception exception);

    private sealed record State(RuleSet Rules)
    {
        public CancellationTokenSource Changed { get; } = new();
    }
}
