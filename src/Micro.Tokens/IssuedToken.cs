namespace Micro.Tokens;

/// <summary>A token that was just issued. Immutable.</summary>
/// <param name="AccessToken">What goes into <c>authorization: Bearer</c>; a JSON Web Token.</param>
/// <param name="ExpiresAt">Until when it is valid.</param>
/// <param name="Account">Whose it is, with the scopes it has.</param>
public sealed record IssuedToken(string AccessToken, DateTimeOffset ExpiresAt, Account Account)
{
    /// <summary>Good for one new pair of tokens; no access token. Null when none was asked for.</summary>
    public string? RefreshToken { get; init; }

    /// <summary>When the sign-in is over; null without a refresh token.</summary>
    public DateTimeOffset? RefreshExpiresAt { get; init; }

    /// <summary>Account and time, never a token.</summary>
    public override string ToString() => $"token of account {Account.Id} until {ExpiresAt:u}";
}
