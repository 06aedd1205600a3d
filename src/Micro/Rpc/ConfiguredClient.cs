namespace Micro.Rpc;

/// <summary>A service that was added as a client, and so has options under its own name.</summary>
internal sealed record ConfiguredClient(string Service);
