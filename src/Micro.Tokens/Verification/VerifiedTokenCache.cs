using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Micro.Tokens.Verification;

/// <summary>
/// Verified tokens by the hash of token and audience, so that a repeated token costs a look-up. Two halves: when the newer is full it becomes the older, whose
/// contents go, so there is a bound and what is used stays. Thread-safe.
/// </summary>
internal sealed class VerifiedTokenCache(int size)
{
    private readonly int _half = (size + 1) / 2;
    private readonly Lock _turning = new();
    private volatile Halves _halves = new(new(), new());

    public int Count => _halves.Newer.Count + _halves.Older.Count;

    public static TokenHash Hash(string token, string audience)
    {
        Span<byte> hashes = stackalloc byte[2 * SHA256.HashSizeInBytes];
        SHA256.HashData(MemoryMarshal.AsBytes(token.AsSpan()), hashes);
        SHA256.HashData(MemoryMarshal.AsBytes(audience.AsSpan()), hashes[SHA256.HashSizeInBytes..]);
        Span<byte> both = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(hashes, both);
        return MemoryMarshal.Read<TokenHash>(both);
    }

    public VerifiedToken? Find(in TokenHash hash)
    {
        var halves = _halves;
        if (halves.Newer.TryGetValue(hash, out var token))
        {
            return token;
        }

        if (halves.Older.TryGetValue(hash, out token))
        {
            Add(hash, token);
        }

        return token;
    }

    public void Add(in TokenHash hash, VerifiedToken token)
    {
        if (size == 0)
        {
            return;
        }

        var halves = _halves;
        if (halves.Newer.Count >= _half)
        {
            lock (_turning)
            {
                if (ReferenceEquals(halves, _halves))
                {
                    _halves = new Halves(new(), halves.Newer);
                }

                halves = _halves;
            }
        }

        halves.Newer[hash] = token;
    }

    private sealed record Halves(ConcurrentDictionary<TokenHash, VerifiedToken> Newer, ConcurrentDictionary<TokenHash, VerifiedToken> Older);
}

/// <summary>SHA-256.</summary>
internal readonly record struct TokenHash(UInt128 Left, UInt128 Right);
