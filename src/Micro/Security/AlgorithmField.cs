namespace Micro.Security;

/// <summary>An AlgorithmIdentifier of a certificate. Source: RFC 5280, section 4.1.1.2.</summary>
/// <param name="Oid">Which algorithm.</param>
/// <param name="Parameters">Its parameters, DER; empty when it has none.</param>
internal readonly record struct AlgorithmField(string Oid, ReadOnlyMemory<byte> Parameters);
