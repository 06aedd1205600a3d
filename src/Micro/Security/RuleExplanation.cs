using System.Globalization;
using System.Text;

namespace Micro.Security;

/// <summary>Why a caller may or may not: what <c>micro auth explain</c> shows. Immutable.</summary>
public sealed class RuleExplanation
{
    internal RuleExplanation(Caller caller, ProtectedResource resource, IReadOnlyList<CallRule> matching)
    {
        Caller = caller;
        Resource = resource;
        Matching = matching;
    }

    /// <summary>Who asks.</summary>
    public Caller Caller { get; }

    /// <summary>What is asked for.</summary>
    public ProtectedResource Resource { get; }

    /// <summary>Every rule that matches, the most decisive first.</summary>
    public IReadOnlyList<CallRule> Matching { get; }

    /// <summary>What was decided, and the rule that decided.</summary>
    public AuthorizationDecision Decision => Matching.Count == 0 ? default : new(Matching[0].Effect == RuleEffect.Allow, Matching[0]);

    /// <summary>Why that rule decided, in one sentence.</summary>
    public string Reason
    {
        get
        {
            if (Matching.Count == 0)
            {
                return "No rule matches, and what no rule matches is denied.";
            }

            var first = Matching[0];
            var verb = first.Effect == RuleEffect.Allow ? "allows" : "denies";
            if (Matching.Count == 1)
            {
                return $"Rule '{first.Id}' {verb}; no other rule matches.";
            }

            var equal = Matching.Count(rule => rule.Priority == first.Priority);
            var priority = first.Priority.ToString(CultureInfo.InvariantCulture);
            return equal == 1 ? $"Rule '{first.Id}' {verb}; its priority of {priority} is the highest of {Matching.Count} matching rules."
                : Matching.Take(equal).Any(rule => rule.Effect != first.Effect) ? $"Rule '{first.Id}' {verb}; at equal priority ({priority}) deny beats allow."
                : $"Rule '{first.Id}' {verb}, as do all matching rules of the highest priority ({priority}).";
        }
    }

    /// <summary>The decision, the reason and the rules, one a line.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{(Decision.IsAllowed ? "allowed" : "denied")}: {Caller} on {Resource}. {Reason}");
        foreach (var rule in Matching)
        {
            text.AppendLine().Append(
                CultureInfo.InvariantCulture,
                $"  {rule.Priority,6} {rule.Effect.ToString().ToLowerInvariant(),-5} {rule.Id}: caller {rule.Caller}, scope '{rule.Scope}', {rule.Kind.ToString().ToLowerInvariant()} {rule.Name}/{rule.Operation}");
        }

        return text.ToString();
    }
}
