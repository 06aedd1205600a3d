namespace Micro.Tokens;

/// <summary>An account that was just created or given a new secret, and the secret, which cannot be had again. Immutable.</summary>
/// <param name="Account">The account.</param>
/// <param name="Secret">Its secret, to be given to its owner and then forgotten.</param>
public sealed record CreatedAccount(Account Account, string Secret)
{
    /// <summary>The account's id alone, never the secret.</summary>
    public override string ToString() => $"account {Account.Id}";
}
