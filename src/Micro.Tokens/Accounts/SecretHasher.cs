using System.Security.Cryptography;
using System.Text;
using Micro.Security;

namespace Micro.Tokens.Accounts;

/// <summary>
/// Hashes secrets with PBKDF2-HMAC-SHA256 and checks them in constant time. Costs a tenth of a second of one core by design, so at most half of the cores do it at once.
/// Source: RFC 8018, section 5.2; 600,000 rounds as OWASP's Password Storage Cheat Sheet has it.
/// </summary>
internal sealed class SecretHasher(int rounds = SecretHasher.DefaultRounds)
{
    public const int DefaultRounds = 600_000;

    private const string Algorithm = "pbkdf2-sha256";
    private const int SaltLength = 16;
    private const int HashLength = 32;

    private readonly SemaphoreSlim _cores = new(Math.Max(1, Environment.ProcessorCount / 2));
    private readonly HashedSecret _nobody = new(Algorithm, rounds, RandomNumberGenerator.GetBytes(SaltLength), RandomNumberGenerator.GetBytes(HashLength));

    /// <summary>Calls of the hash function, for tests of what costs the same.</summary>
    public long Computed { get; private set; }

    public async ValueTask<HashedSecret> HashAsync(string secret, CancellationToken cancellationToken)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltLength);
        return new HashedSecret(Algorithm, rounds, salt, await ComputeAsync(secret, salt, rounds, cancellationToken));
    }

    /// <summary>Whether it is the secret. Without one to compare with, as for an unknown account, it takes the same time to say no.</summary>
    public async ValueTask<bool> VerifyAsync(HashedSecret? expected, string secret, CancellationToken cancellationToken)
    {
        var usable = expected is { Algorithm: Algorithm, Rounds: > 0, Hash.Length: HashLength };
        var against = usable ? expected! : _nobody;
        var hash = await ComputeAsync(secret, against.Salt.ToArray(), against.Rounds, cancellationToken);
        return CryptographicOperations.FixedTimeEquals(hash, against.Hash.Span) & usable;
    }

    private async ValueTask<byte[]> ComputeAsync(string secret, byte[] salt, int iterations, CancellationToken cancellationToken)
    {
        await _cores.WaitAsync(cancellationToken);
        try
        {
            Computed++;
            return await Task.Run(() => Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(secret), salt, iterations, HashAlgorithmName.SHA256, HashLength), cancellationToken);
        }
        finally
        {
            _cores.Release();
        }
    }
}
