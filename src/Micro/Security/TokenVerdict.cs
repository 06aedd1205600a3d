using System.Diagnostics.CodeAnalysis;

namespace Micro.Security;

/// <summary>The verdict on a bearer token: whose it is, or why it was refused. Immutable; holds no part of the token.</summary>
public sealed class TokenVerdict
{
    /// <summary>What the caller is told of every refused token, whatever was wrong with it (RFC 8725, section 3; a better text would help only those who try).</summary>
    public const string RefusalText = "The token is not accepted.";

    private TokenVerdict(Account? account, DateTimeOffset notAfter, string? refusal)
    {
        Account = account;
        NotAfter = notAfter;
        Refusal = refusal;
    }

    /// <summary>Whose it is; null when it was refused.</summary>
    public Account? Account { get; }

    /// <summary>Until when the token is valid; streams opened with it end by then.</summary>
    public DateTimeOffset NotAfter { get; }

    /// <summary>Why it was refused, for this side's log and audit record alone; without any part of the token. Null when it was not.</summary>
    public string? Refusal { get; }

    /// <summary>Whether the token is good.</summary>
    [MemberNotNullWhen(true, nameof(Account))]
    [MemberNotNullWhen(false, nameof(Refusal))]
    public bool IsAccepted => Account is not null;

    /// <summary>The token is good.</summary>
    /// <param name="account">Whose it is.</param>
    /// <param name="notAfter">Until when.</param>
    public static TokenVerdict Verified(Account account, DateTimeOffset notAfter)
    {
        ArgumentNullException.ThrowIfNull(account);
        return new TokenVerdict(account, notAfter, null);
    }

    /// <summary>The token is not to be trusted.</summary>
    /// <param name="reason">Why, without any part of the token.</param>
    public static TokenVerdict Refused(string reason)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        return new TokenVerdict(null, default, reason);
    }
}
