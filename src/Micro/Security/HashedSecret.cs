namespace Micro.Security;

/// <summary>What a secret is checked against; the secret cannot be had from it. Immutable. Source: RFC 8018, section 5.2 (PBKDF2).</summary>
/// <param name="Algorithm">How it was made; <c>pbkdf2-sha256</c> is the only one.</param>
/// <param name="Rounds">Iterations.</param>
/// <param name="Salt">Random, one for each secret.</param>
/// <param name="Hash">The result.</param>
public sealed record HashedSecret(string Algorithm, int Rounds, ReadOnlyMemory<byte> Salt, ReadOnlyMemory<byte> Hash)
{
    /// <summary>The algorithm alone.</summary>
    public override string ToString() => Algorithm;
}
