namespace Micro.Transport;

/// <summary>One served method, for transports.</summary>
/// <param name="Spec">The method.</param>
/// <param name="ContentTypes">Content types it can take and answer with, preferred first.</param>
public sealed record CallRoute(CallSpec Spec, IReadOnlyList<string> ContentTypes);
