namespace Micro.Security;

/// <summary>Whether the caller may, and which rule said so.</summary>
/// <param name="IsAllowed">Whether the caller may.</param>
/// <param name="Rule">The rule that decided; null when none matched, which denies.</param>
public readonly record struct AuthorizationDecision(bool IsAllowed, CallRule? Rule);
