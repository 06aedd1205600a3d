namespace Micro.Security;

/// <summary>
/// Where accounts are kept. Several processes may read and write at once: a write says which version it changes and fails when another came first. Thread-safe.
/// Ids are compared exactly.
/// </summary>
public interface IAccountStore
{
    /// <summary>The account with this id; null when there is none.</summary>
    /// <exception cref="AccountStoreException">The store cannot be read.</exception>
    ValueTask<AccountRecord?> FindAsync(string id, CancellationToken cancellationToken);

    /// <summary>All accounts as they are at one moment, in ordinal order of their ids.</summary>
    /// <exception cref="AccountStoreException">The store cannot be read.</exception>
    ValueTask<IReadOnlyList<AccountRecord>> ListAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Writes an account if its version is still <see cref="AccountRecord.Version"/>; zero creates it if there is none. When it returns, the account is durable.
    /// </summary>
    /// <returns>
    /// The account with its new version, which no account had before, not even one of that id that was deleted; null when another writer came first, so that it has
    /// to be read again.
    /// </returns>
    /// <exception cref="AccountStoreException">The store cannot be written; nothing changed.</exception>
    ValueTask<AccountRecord?> TryWriteAsync(AccountRecord account, CancellationToken cancellationToken);

    /// <summary>Deletes an account, whatever its version; false when there was none. When it returns, that is durable.</summary>
    /// <exception cref="AccountStoreException">The store cannot be written; nothing changed.</exception>
    ValueTask<bool> TryDeleteAsync(string id, CancellationToken cancellationToken);
}
