namespace Micro.Cli.Terminal;

/// <summary>What <c>micro auth accounts --json</c> writes.</summary>
internal sealed record AccountsJson(IReadOnlyList<AccountsJson.Account> Accounts)
{
    /// <param name="Id">Its name.</param>
    /// <param name="Type">What it is.</param>
    /// <param name="Scopes">What it was granted.</param>
    /// <param name="Secret">Its new secret, where one was just made: this is the only time it is shown.</param>
    internal sealed record Account(string Id, string Type, IReadOnlyList<string> Scopes, string? Secret = null);

    internal sealed record Deletion(string Id, bool Deleted);
}
