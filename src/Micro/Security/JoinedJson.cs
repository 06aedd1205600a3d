namespace Micro.Security;

/// <summary>What a service that joined keeps on its disk, version 1.</summary>
/// <param name="IssuedAt">When the leaf's lifetime began.</param>
/// <param name="Chain">Certificates in DER: the leaf, then what lies between it and its root.</param>
/// <param name="Key">The leaf's private key, PKCS#8 in DER.</param>
/// <param name="Bundle">Whom to trust.</param>
internal sealed record JoinedJson(DateTimeOffset IssuedAt, IReadOnlyList<byte[]> Chain, byte[] Key, AuthorityBundle Bundle);
