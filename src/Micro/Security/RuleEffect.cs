namespace Micro.Security;

/// <summary>What a rule does when it decides.</summary>
public enum RuleEffect
{
    /// <summary>The caller may not.</summary>
    Deny = 0,

    /// <summary>The caller may.</summary>
    Allow = 1,
}
