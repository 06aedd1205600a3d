namespace Micro.Security;

/// <summary>Where a process belongs: what callers in rules are completed with.</summary>
/// <param name="TrustDomain">Configuration key <c>Micro:Security:TrustDomain</c>.</param>
/// <param name="Namespace">Configuration key <c>Micro:Security:Namespace</c>.</param>
internal sealed record RuleNames(string TrustDomain = "micro.local", string Namespace = "default");
