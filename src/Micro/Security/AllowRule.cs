namespace Micro.Security;

/// <summary>An <see cref="AllowAttribute"/> as a method descriptor carries it.</summary>
/// <param name="Callers">The group; meaningless when <paramref name="Service"/> is set.</param>
/// <param name="Service">The one service; null for a group.</param>
public sealed record AllowRule(Callers Callers, string? Service = null);
