namespace Micro;

/// <summary>
/// Who is calling, as far as it was verified: the service at the other end of the connection, the account a token names, both, or neither. Never from a header,
/// a path or an address. Immutable.
/// </summary>
/// <param name="Identity">The service whose certificate the connection was made with; null on a connection without one.</param>
/// <param name="Account">
/// The account of a verified token. Beside an <paramref name="Identity"/> the service calls <em>on behalf of</em> it; without one, it is the caller itself.
/// </param>
public sealed record Caller(ServiceIdentity? Identity, Account? Account = null)
{
    /// <summary>Nobody was verified.</summary>
    public static readonly Caller Anonymous = new(null, null);

    /// <summary>True when nothing was verified.</summary>
    public bool IsAnonymous => Identity is null && Account is null;

    /// <summary>The account the calling service speaks for; null when there is none, or the account is the caller itself.</summary>
    public Account? OnBehalfOf => Identity is null ? null : Account;

    /// <summary>Identity and account, for logs.</summary>
    public override string ToString() => (Identity, Account) switch
    {
        (null, null) => "anonymous",
        (null, { } account) => $"account {account.Id}",
        ({ } identity, null) => identity.ToString(),
        var (identity, account) => $"{identity} on behalf of account {account.Id}",
    };
}
