using System.Text;
using System.Buffers.Text;
using System.Text.Json.Nodes;
using Micro.Security;
using Micro.Tokens.Tests.Support;

namespace Micro.Tokens.Tests;

public sealed class TokenIssuerTests : IDisposable
{
    private readonly TokenRig _rig = new();

    private static CancellationToken Token => TokenRig.Token;

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task A18_A19_A_token_is_read_as_the_account_it_was_issued_for()
    {
        var issued = await _rig.IssueAsync();
        var verdict = _rig.Ask(issued.AccessToken);
        Assert.True(verdict.IsAccepted);
        Assert.Equal(("ada", "user", "micro.local"), (verdict.Account.Id, verdict.Account.Type, verdict.Account.Issuer));
        Assert.Equal(["read", "write"], verdict.Account.Scopes.Order());
        Assert.Equal("Ada L.", verdict.Account.Metadata["name"]);
        Assert.Equal(issued.ExpiresAt, verdict.NotAfter);
        Assert.Equal(_rig.Clock.GetUtcNow() + TimeSpan.FromMinutes(15), issued.ExpiresAt);
    }

    [Fact]
    public async Task A24_A31_A_token_is_had_with_credentials_and_has_access_refresh_and_expiry()
    {
        var secret = (await _rig.AdaAsync()).Secret;
        var request = new TokenRequest { Audience = TokenRig.Audience, WithRefresh = true };
        var issued = await _rig.Issuer.TryIssueAsync("ada", secret, request, Token);
        Assert.True(_rig.Ask(issued!.AccessToken).IsAccepted);
        Assert.NotNull(issued.RefreshToken);
        Assert.Equal(_rig.Clock.GetUtcNow() + TimeSpan.FromHours(12), issued.RefreshExpiresAt);
        Assert.Null(await _rig.Issuer.TryIssueAsync("ada", secret + "x", request, Token));
        Assert.Null(await _rig.Issuer.TryIssueAsync("bob", secret, request, Token));
        Assert.Null(await _rig.Issuer.TryIssueWithoutSecretAsync("bob", request, Token));
    }

    [Fact]
    public async Task TOK_4_A_token_is_compact_ES256_for_one_audience_and_says_no_more_than_it_must()
    {
        var parts = (await _rig.IssueAsync(boundTo: TokenRig.Shop)).AccessToken.Split('.');
        var header = JsonNode.Parse(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[0])))!.AsObject();
        Assert.Equal(["alg", "kid", "typ"], header.Select(one => one.Key).Order());
        Assert.Equal(("ES256", "JWT"), ((string)header["alg"]!, (string)header["typ"]!));
        var claims = JsonNode.Parse(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[1])))!.AsObject();
        Assert.Equal(["aud", "cnf", "exp", "iat", "iss", "jti", "meta", "nbf", "scope", "sub", "type"], claims.Select(one => one.Key).Order());
        Assert.Equal(TokenRig.Audience, (string)claims["aud"]!);
        Assert.Equal("{\"spiffe\":\"spiffe://micro.local/default/shop\"}", claims["cnf"]!.ToJsonString());
        Assert.Equal(22, ((string)claims["jti"]!).Length);
    }

    [Fact]
    public async Task A_token_has_no_more_scopes_than_asked_for_and_no_more_than_its_account()
    {
        await _rig.AdaAsync();
        var request = new TokenRequest { Audience = TokenRig.Audience, Scopes = new HashSet<string> { "read", "admin" } };
        var issued = await _rig.Issuer.TryIssueWithoutSecretAsync("ada", request, Token);
        Assert.Equal(["read"], _rig.Ask(issued!.AccessToken).Account!.Scopes);
        Assert.Equal(["read"], issued.Account.Scopes);
    }

    [Fact]
    public async Task What_no_token_can_be_is_refused_before_the_secret_is_looked_at()
    {
        await _rig.AdaAsync();
        TokenRequest[] requests =
        [
            new() { Audience = "" }, new() { Audience = "a b" }, new() { Audience = "ü" }, new() { Audience = new string('a', 2049) },
            new() { Audience = "a", Lifetime = TimeSpan.Zero }, new() { Audience = "a", Lifetime = TimeSpan.FromMinutes(16) }, new() { Audience = "a", Lifetime = TimeSpan.FromDays(-1) },
        ];
        foreach (var request in requests)
        {
            await Assert.ThrowsAsync<ArgumentException>(async () => await _rig.Issuer.TryIssueAsync("ada", "whatever it is", request, Token));
        }
    }

    [Fact]
    public async Task A_token_too_long_to_be_accepted_is_not_issued()
    {
        var metadata = Enumerable.Range(0, 16).ToDictionary(i => $"{new string('n', 60)}{i:00}", _ => new string('ü', 256));
        Assert.NotNull(await _rig.Accounts.TryCreateAsync(new AccountDraft { Id = "big", Metadata = metadata }, Token));
        var error = await Assert.ThrowsAsync<ArgumentException>(async () => await _rig.Issuer.TryIssueWithoutSecretAsync("big", new TokenRequest { Audience = "a" }, Token));
        Assert.Contains("8192", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A25_A_refresh_token_gives_a_new_pair_for_the_same_and_no_more()
    {
        await _rig.AdaAsync();
        var request = new TokenRequest { Audience = TokenRig.Audience, Scopes = new HashSet<string> { "read" }, WithRefresh = true };
        var first = (await _rig.Issuer.TryIssueWithoutSecretAsync("ada", request, Token))!;
        _rig.Clock.Advance(TimeSpan.FromMinutes(20));
        _rig.Refuses(first.AccessToken, because: "expired");
        var second = (await _rig.Issuer.TryRefreshAsync(first.RefreshToken!, null, Token))!;
        Assert.NotEqual(first.RefreshToken, second.RefreshToken);
        Assert.Equal(["read"], _rig.Ask(second.AccessToken).Account!.Scopes);
        _rig.Refuses(second.AccessToken, audience: "other", because: "audience");
        Assert.Equal(first.RefreshExpiresAt, second.RefreshExpiresAt);
        _rig.Clock.Advance(TimeSpan.FromHours(11.9));
        Assert.Null(await _rig.Issuer.TryRefreshAsync(second.RefreshToken!, null, Token));
    }

    [Theory]
    [InlineData("")]
    [InlineData("mrt~")]
    [InlineData("mrt~~")]
    [InlineData("mrt~YWRh~AAAA")]
    [InlineData("mrt~YW Rh~AAAA")]
    [InlineData("mrt~YWRh~AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("mrt~/dev/null~AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("xyz~YWRh~AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task A26_What_is_no_refresh_token_is_refused(string token)
    {
        var good = await _rig.IssueAsync(refresh: true);
        Assert.Null(await _rig.Issuer.TryRefreshAsync(token, null, Token));
        Assert.Null(await _rig.Issuer.TryRefreshAsync(good.AccessToken, null, Token));
        Assert.Null(await _rig.Issuer.TryRefreshAsync(new string('~', 10_000_000), null, Token));
        Assert.NotNull(await _rig.Issuer.TryRefreshAsync(good.RefreshToken!, null, Token));
    }

    [Fact]
    public async Task TOK_6_A_refresh_token_used_twice_ends_its_sign_in_and_no_other()
    {
        var first = await _rig.IssueAsync(refresh: true);
        var bystander = await _rig.IssueAsync(refresh: true);
        var second = (await _rig.Issuer.TryRefreshAsync(first.RefreshToken!, null, Token))!;
        Assert.Null(await _rig.Issuer.TryRefreshAsync(first.RefreshToken!, null, Token));
        Assert.Null(await _rig.Issuer.TryRefreshAsync(second.RefreshToken!, null, Token));
        Assert.NotNull(await _rig.Issuer.TryRefreshAsync(bystander.RefreshToken!, null, Token));
        Assert.Contains("used before", _rig.Log.All, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TOK_6_Of_many_that_use_one_refresh_token_at_once_at_most_one_gets_a_pair_and_it_ends()
    {
        var token = (await _rig.IssueAsync(refresh: true)).RefreshToken!;
        var pairs = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () => await _rig.Issuer.TryRefreshAsync(token, null, Token), Token)));
        var won = Assert.Single(pairs, pair => pair is not null);
        Assert.Null(await _rig.Issuer.TryRefreshAsync(won!.RefreshToken!, null, Token));
    }

    [Fact]
    public async Task TOK_6_A_stolen_refresh_token_that_is_bound_is_of_no_use_to_anyone_else()
    {
        var token = (await _rig.IssueAsync(boundTo: TokenRig.Shop, refresh: true)).RefreshToken!;
        Assert.Null(await _rig.Issuer.TryRefreshAsync(token, null, Token));
        Assert.Null(await _rig.Issuer.TryRefreshAsync(token, TokenRig.Thief, Token));
        var next = await _rig.Issuer.TryRefreshAsync(token, TokenRig.Shop, Token);
        _rig.Refuses(next!.AccessToken, TokenRig.Thief, because: "bound");
        Assert.True(_rig.Ask(next.AccessToken, TokenRig.Shop).IsAccepted);
    }

    [Fact]
    public async Task A37_A_refresh_token_is_no_access_token()
    {
        var issued = await _rig.IssueAsync(refresh: true);
        _rig.Refuses(issued.RefreshToken!);
        _rig.Refuses("Bearer " + issued.RefreshToken);
    }

    [Fact]
    public async Task A23_Refresh_tokens_are_kept_as_hashes_and_end()
    {
        var issued = await _rig.IssueAsync(refresh: true);
        var record = (await _rig.Store.FindAsync("ada", Token))!;
        var secret = issued.RefreshToken!.Split('~')[2];
        var family = Assert.Single(record.Families);
        Assert.Equal(32, family.Hash.Length);
        Assert.False(Base64Url.DecodeFromChars(secret).AsSpan()[16..].SequenceEqual(family.Hash.Span));
        for (var i = 0; i < 40; i++)
        {
            await _rig.IssueAsync(refresh: true);
        }

        Assert.Equal(16, (await _rig.Store.FindAsync("ada", Token))!.Families.Count);
        _rig.Clock.Advance(TimeSpan.FromHours(13));
        await _rig.IssueAsync(refresh: true);
        Assert.Single((await _rig.Store.FindAsync("ada", Token))!.Families);
    }

    [Fact]
    public async Task Sign_ins_at_the_same_time_over_files_all_come_about()
    {
        var store = new Accounts.FileAccountStore(_rig.Home);
        var accounts = new AccountDirectory(store, _rig.Hasher, _rig.Clock, "micro.local");
        var issuer = new TokenIssuer(accounts, _rig.Keys, _rig.Options, _rig.Clock, _rig.Log);
        await accounts.TryCreateAsync(new AccountDraft { Id = "ada" }, Token);
        var request = new TokenRequest { Audience = "a", WithRefresh = true };
        var issued = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () => await issuer.TryIssueWithoutSecretAsync("ada", request, Token), Token)));
        Assert.Equal(8, (await store.FindAsync("ada", Token))!.Families.Count);
        foreach (var one in issued)
        {
            Assert.NotNull(await issuer.TryRefreshAsync(one!.RefreshToken!, null, Token));
        }
    }

    [Fact]
    public async Task A28_A_sign_in_that_began_with_the_old_secret_does_not_outlive_it()
    {
        await _rig.AdaAsync();
        var store = new Interfering(_rig.Store, () => _rig.Accounts.TryChangeSecretAsync("ada", cancellationToken: Token));
        var accounts = new AccountDirectory(store, _rig.Hasher, _rig.Clock, "micro.local");
        var issuer = new TokenIssuer(accounts, _rig.Keys, _rig.Options, _rig.Clock, _rig.Log);
        await Assert.ThrowsAsync<AccountStoreException>(
            async () => await issuer.TryIssueWithoutSecretAsync("ada", new TokenRequest { Audience = "a", WithRefresh = true }, Token));
        Assert.Empty((await _rig.Store.FindAsync("ada", Token))!.Families);
    }

    [Fact]
    public async Task A32_What_an_account_lost_its_next_token_has_not()
    {
        var issued = await _rig.IssueAsync(refresh: true);
        var record = (await _rig.Store.FindAsync("ada", Token))!;
        await _rig.Store.TryWriteAsync(record with { Scopes = new HashSet<string> { "read" } }, Token);
        var next = await _rig.Issuer.TryRefreshAsync(issued.RefreshToken!, null, Token);
        Assert.Equal(["read"], _rig.Ask(next!.AccessToken).Account!.Scopes);
    }

    /// <summary>Does something before the first write.</summary>
    private sealed class Interfering(IAccountStore store, Func<ValueTask<CreatedAccount?>> first) : IAccountStore
    {
        private Func<ValueTask<CreatedAccount?>>? _first = first;

        public ValueTask<AccountRecord?> FindAsync(string id, CancellationToken cancellationToken) => store.FindAsync(id, cancellationToken);

        public ValueTask<IReadOnlyList<AccountRecord>> ListAsync(CancellationToken cancellationToken) => store.ListAsync(cancellationToken);

        public async ValueTask<AccountRecord?> TryWriteAsync(AccountRecord account, CancellationToken cancellationToken)
        {
            if (Interlocked.Exchange(ref _first, null) is { } first)
            {
                await first();
            }

            return await store.TryWriteAsync(account, cancellationToken);
        }

        public ValueTask<bool> TryDeleteAsync(string id, CancellationToken cancellationToken) => store.TryDeleteAsync(id, cancellationToken);
    }
}
