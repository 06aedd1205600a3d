using System.Text.Json;
using Micro.Hosting;
using Micro.Security;
using Micro.Tokens.Files;

namespace Micro.Tokens.Accounts;

/// <summary>
/// Accounts in the file <c>authority/accounts.json</c> of a home, for the processes of one user. Each read takes the whole file; each write replaces it, one writer at
/// a time. For hundreds of accounts, not for millions.
/// </summary>
internal sealed class FileAccountStore(string home) : IAccountStore
{
    public const string FileName = "accounts.json";

    private readonly AuthorityFolder _folder = new(home);
    private readonly OwnerOnlyFile _file = new AuthorityFolder(home).FileOf(FileName);
    private readonly FileLock _lock = new AuthorityFolder(home).LockOf("accounts.lock");

    public ValueTask<AccountRecord?> FindAsync(string id, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        cancellationToken.ThrowIfCancellationRequested();
        return new(Read().Accounts.GetValueOrDefault(id));
    }

    public ValueTask<IReadOnlyList<AccountRecord>> ListAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new([.. Read().Accounts.Values]);
    }

    public async ValueTask<AccountRecord?> TryWriteAsync(AccountRecord account, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(account);
        using var held = await LockAsync(cancellationToken);
        if (Read().With(account) is not { } change)
        {
            return null;
        }

        Write(change.Set);
        return change.Account;
    }

    public async ValueTask<bool> TryDeleteAsync(string id, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        using var held = await LockAsync(cancellationToken);
        if (Read().Without(id) is not { } rest)
        {
            return false;
        }

        Write(rest);
        return true;
    }

    private async ValueTask<FileLock.Holder> LockAsync(CancellationToken cancellationToken)
    {
        try
        {
            _folder.Open();
            return await _lock.AcquireAsync(cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or MicroHomeException)
        {
            throw new AccountStoreException($"Accounts cannot be written: {e.Message}", e);
        }
    }

    private AccountSet Read()
    {
        try
        {
            return _folder.Read(_file) is { } content ? AccountFile.Parse(content) : AccountSet.Empty;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or MicroHomeException)
        {
            throw new AccountStoreException($"Accounts cannot be read: {e.Message}", e);
        }
        catch (Exception e) when (e is JsonException or FormatException or ArgumentException)
        {
            // Not the inner exception: what a parser says of a file with secrets may quote it.
            throw new AccountStoreException($"Accounts cannot be read: '{_file.Path}' is damaged or of a newer format ({AccountFile.Describe(e)}). Restore it from a copy, or move it away and start anew.");
        }
    }

    private void Write(AccountSet accounts)
    {
        try
        {
            _file.Replace(AccountFile.Write(accounts));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AccountStoreException($"Accounts cannot be written: {e.Message}", e);
        }
    }
}
