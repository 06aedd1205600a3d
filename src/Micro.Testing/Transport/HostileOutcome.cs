namespace Micro.Testing.Transport;

/// <summary>What a hostile client was told.</summary>
/// <param name="Code">The status, or null when the server closed the socket without one.</param>
public sealed record HostileOutcome(CallStatusCode? Code);
