using Micro.Security;

namespace Micro.Tokens.Accounts;

/// <summary>Accounts that end with the process.</summary>
internal sealed class InMemoryAccountStore : IAccountStore
{
    private readonly Lock _writing = new();
    private volatile AccountSet _accounts = AccountSet.Empty;

    public ValueTask<AccountRecord?> FindAsync(string id, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        cancellationToken.ThrowIfCancellationRequested();
        return new(_accounts.Accounts.GetValueOrDefault(id));
    }

    public ValueTask<IReadOnlyList<AccountRecord>> ListAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new([.. _accounts.Accounts.Values]);
    }

    public ValueTask<AccountRecord?> TryWriteAsync(AccountRecord account, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(account);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_writing)
        {
            if (_accounts.With(account) is not { } change)
            {
                return default;
            }

            _accounts = change.Set;
            return new(change.Account);
        }
    }

    public ValueTask<bool> TryDeleteAsync(string id, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_writing)
        {
            if (_accounts.Without(id) is not { } rest)
            {
                return new(false);
            }

            _accounts = rest;
            return new(true);
        }
    }
}
