using System.Collections.Immutable;
using Micro.Security;

namespace Micro.Tokens.Accounts;

/// <summary>All accounts at one moment, and the last version given out. Immutable.</summary>
internal sealed record AccountSet(long Sequence, ImmutableSortedDictionary<string, AccountRecord> Accounts)
{
    public static readonly AccountSet Empty = new(0, ImmutableSortedDictionary.Create<string, AccountRecord>(StringComparer.Ordinal));

    /// <summary>The set with the account in it; null when its version is not the one here.</summary>
    public (AccountSet Set, AccountRecord Account)? With(AccountRecord account)
    {
        var version = Accounts.TryGetValue(account.Id, out var current) ? current.Version : 0;
        if (version != account.Version)
        {
            return null;
        }

        var written = account with { Version = Sequence + 1 };
        return (new AccountSet(written.Version, Accounts.SetItem(account.Id, written)), written);
    }

    /// <summary>The set without the account; null when it is not here.</summary>
    public AccountSet? Without(string id) => Accounts.ContainsKey(id) ? this with { Accounts = Accounts.Remove(id) } : null;
}
