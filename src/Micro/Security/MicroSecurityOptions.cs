namespace Micro.Security;

/// <summary>Options of <c>Micro:Security</c>; checked at start. Where credentials come from is chosen by <c>Micro:Security:Provider</c>, see <see cref="CredentialProviders"/>.</summary>
public sealed class MicroSecurityOptions
{
    /// <summary>
    /// Allows plaintext listeners and calls, without any identity. Default false. Each start with it logs a warning. Only for one machine and for tests.
    /// </summary>
    public bool Insecure { get; set; }

    /// <summary>The trust domain this process belongs to: the first part of every identity of it. Default <c>micro.local</c>. In lower case.</summary>
    public string TrustDomain { get; set; } = "micro.local";

    /// <summary>The namespace of the services of this process: one segment of a SPIFFE id. Default <c>default</c>.</summary>
    public string Namespace { get; set; } = "default";

    /// <summary>How long a leaf is valid that this process mints or asks for. Default 1 hour; from 2 s to 24 hours. It is renewed after 50 to 70 % of it.</summary>
    public TimeSpan LeafLifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>By how much the clocks of two machines may differ. Default 1 minute; from 0 to 1 hour.</summary>
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// A file of rules, read at start and within a second of every change, beside those of <c>Micro:Security:Rules</c>. Default: none. Its form is in docs/security.md.
    /// </summary>
    public string? RulesFile { get; set; }

    /// <summary>
    /// Lets a change take away every rule of a source that had some. Default false: such a change is refused and reported, as it is more often an accident than meant.
    /// </summary>
    public bool AllowEmptyRules { get; set; }
}
