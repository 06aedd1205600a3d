using Micro.Tokens;

namespace Snippets.Tokens;

public static class Verifying
{
    public static void Add(IHostApplicationBuilder builder)
    {
        builder.AddMicro("orders").AddTokens();
    }
}

public static class Issuing
{
    public static async Task<string?> SignInAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var accounts = services.GetRequiredService<AccountDirectory>();
        var created = await accounts.TryCreateAsync(new AccountDraft { Id = "ada", Scopes = new HashSet<string> { "orders.read" } }, cancellationToken);

        var issuer = services.GetRequiredService<TokenIssuer>();
        var request = new TokenRequest { Audience = "spiffe://micro.local/default/orders", WithRefresh = true };
        var issued = await issuer.TryIssueAsync("ada", created!.Secret, request, cancellationToken);

        var next = await issuer.TryRefreshAsync(issued!.RefreshToken!, cancellationToken: cancellationToken);
        return next?.AccessToken;
    }
}

public static class Calling
{
    public static void Add(IHostApplicationBuilder builder, Func<CancellationToken, ValueTask<string>> token)
    {
        builder.AddMicro("shop").AddCallToken("orders", token);
    }
}
