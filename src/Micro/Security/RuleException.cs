namespace Micro.Security;

/// <summary>A set of rules cannot be used. At start it stops the host; later the last good set stays.</summary>
public sealed class RuleException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="source">Where the rules come from, e.g. the path of the file.</param>
    /// <param name="rule">Id or number of the rule; null when it is about the whole set.</param>
    /// <param name="field">The field of the rule; null when it is about the whole rule.</param>
    /// <param name="problem">What is wrong, and what would do.</param>
    /// <param name="innerException">The cause, or null.</param>
    public RuleException(string source, string? rule, string? field, string problem, Exception? innerException = null)
        : base($"The rules of {source} cannot be used{(rule is null ? "" : $": rule '{rule}'")}{(field is null ? "" : $", {field}")}: {problem}.", innerException)
    {
        RuleSource = source;
        Rule = rule;
        Field = field;
    }

    /// <summary>Where the rules come from.</summary>
    public string RuleSource { get; }

    /// <summary>Id or number of the rule; null when it is about the whole set.</summary>
    public string? Rule { get; }

    /// <summary>The field of the rule; null when it is about the whole rule.</summary>
    public string? Field { get; }
}
