namespace Micro.Codecs;

/// <summary>
/// A message that is already encoded: passed on as it is, under any content type. For tools, gateways and proxies that do not know the types.
/// </summary>
/// <param name="Bytes">The encoded message.</param>
public readonly record struct RawMessage(ReadOnlyMemory<byte> Bytes);
