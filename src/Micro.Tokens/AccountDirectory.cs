using System.Buffers.Text;
using System.Security.Cryptography;
using Micro.Security;
using Micro.Tokens.Accounts;

namespace Micro.Tokens;

/// <summary>
/// Accounts by their verbs: create, list, change the secret, delete, check a secret. There is no account that nobody created. Secrets are kept as PBKDF2-SHA256 of
/// 600,000 rounds. Thread-safe. Source: RFC 8018, section 5.2.
/// </summary>
public sealed class AccountDirectory
{
    private const int SecretLength = 32;

    private readonly IAccountStore _store;
    private readonly SecretHasher _hasher;
    private readonly TimeProvider _clock;
    private readonly string _issuer;

    internal AccountDirectory(IAccountStore store, SecretHasher hasher, TimeProvider clock, string issuer)
    {
        _store = store;
        _hasher = hasher;
        _clock = clock;
        _issuer = issuer;
    }

    /// <summary>Creates an account.</summary>
    /// <returns>The account with its secret, given or made; null when there is one of that id.</returns>
    /// <exception cref="ArgumentException">Something in the draft is not allowed; the message never quotes the secret.</exception>
    /// <exception cref="AccountStoreException">Accounts cannot be read or written.</exception>
    public async ValueTask<CreatedAccount?> TryCreateAsync(AccountDraft draft, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(draft);
        draft.Check();
        var secret = SecretOf(draft.Secret);
        var record = new AccountRecord
        {
            Id = draft.Id,
            Type = draft.Type,
            Scopes = draft.Scopes,
            Metadata = draft.Metadata,
            Secret = await _hasher.HashAsync(secret, cancellationToken),
            CreatedAt = Now(),
        };
        return await _store.TryWriteAsync(record, cancellationToken) is { } written ? new CreatedAccount(AccountOf(written), secret) : null;
    }

    /// <summary>All accounts, in ordinal order of their ids.</summary>
    /// <exception cref="AccountStoreException">Accounts cannot be read.</exception>
    public async ValueTask<IReadOnlyList<Account>> ListAsync(CancellationToken cancellationToken = default) =>
        [.. (await _store.ListAsync(cancellationToken)).Select(AccountOf)];

    /// <summary>The account with this id; null when there is none.</summary>
    /// <exception cref="AccountStoreException">Accounts cannot be read.</exception>
    public async ValueTask<Account?> FindAsync(string id, CancellationToken cancellationToken = default) =>
        await _store.FindAsync(id, cancellationToken) is { } record ? AccountOf(record) : null;

    /// <summary>
    /// Gives an account a new secret. The old one fails from then on, and so does every refresh token; access tokens end by themselves within their lifetime.
    /// </summary>
    /// <param name="id">Which account.</param>
    /// <param name="secret">12 to 1,024 characters; null makes one of 256 random bits.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The account with its secret; null when there is none of that id.</returns>
    /// <exception cref="ArgumentException">The secret is too short or too long.</exception>
    /// <exception cref="AccountStoreException">Accounts cannot be read or written.</exception>
    public async ValueTask<CreatedAccount?> TryChangeSecretAsync(string id, string? secret = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        var chosen = SecretOf(secret);
        var hashed = await _hasher.HashAsync(chosen, cancellationToken);
        while (await _store.FindAsync(id, cancellationToken) is { } record)
        {
            if (await _store.TryWriteAsync(record with { Secret = hashed, Families = [] }, cancellationToken) is { } written)
            {
                return new CreatedAccount(AccountOf(written), chosen);
            }
        }

        return null;
    }

    /// <summary>Deletes an account with its refresh tokens; access tokens end by themselves within their lifetime. False when there was none.</summary>
    /// <exception cref="AccountStoreException">Accounts cannot be written.</exception>
    public ValueTask<bool> TryDeleteAsync(string id, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        return _store.TryDeleteAsync(id, cancellationToken);
    }

    /// <summary>Checks a secret. An unknown id takes as long as a wrong secret.</summary>
    /// <returns>The account; null when there is none of that id or the secret is another.</returns>
    /// <exception cref="AccountStoreException">Accounts cannot be read.</exception>
    public async ValueTask<Account?> TryVerifyAsync(string id, string secret, CancellationToken cancellationToken = default) =>
        await TryVerifyRecordAsync(id, secret, cancellationToken) is { } record ? AccountOf(record) : null;

    internal async ValueTask<AccountRecord?> TryVerifyRecordAsync(string id, string secret, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(id);
        ArgumentNullException.ThrowIfNull(secret);
        var record = id.Length is 0 or > 128 ? null : await _store.FindAsync(id, cancellationToken);
        return await _hasher.VerifyAsync(record?.Secret, secret.Length > 1024 ? "" : secret, cancellationToken) ? record : null;
    }

    internal IAccountStore Store => _store;

    internal DateTimeOffset Now() => DateTimeOffset.FromUnixTimeSeconds(_clock.GetUtcNow().ToUnixTimeSeconds());

    internal Account AccountOf(AccountRecord record) => new(record.Id, record.Type, record.Scopes, _issuer) { Metadata = record.Metadata };

    private static string SecretOf(string? secret) => secret switch
    {
        null => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretLength)),
        { Length: < 12 or > 1024 } => throw new ArgumentException("A secret has 12 to 1,024 characters."),
        _ => secret,
    };
}
