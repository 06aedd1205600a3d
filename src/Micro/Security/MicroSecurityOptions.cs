namespace Micro.Security;

/// <summary>Options of <c>Micro:Security</c>.</summary>
public sealed class MicroSecurityOptions
{
    /// <summary>
    /// Allows plaintext listeners and calls, without any identity. Default false. Each start with it logs a warning. Only for one machine and for tests.
    /// </summary>
    public bool Insecure { get; set; }

    /// <summary>
    /// A file of rules, read at start and within a second of every change, beside those of <c>Micro:Security:Rules</c>. Default: none. Its form is in docs/security.md.
    /// </summary>
    public string? RulesFile { get; set; }

    /// <summary>
    /// Lets a change take away every rule of a source that had some. Default false: such a change is refused and reported, as it is more often an accident than meant.
    /// </summary>
    public bool AllowEmptyRules { get; set; }
}
