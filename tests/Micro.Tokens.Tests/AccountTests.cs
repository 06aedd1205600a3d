using Micro.Security;
using Micro.Tokens.Accounts;
using Micro.Tokens.Tests.Support;

namespace Micro.Tokens.Tests;

public sealed class AccountTests : IDisposable
{
    private readonly TokenRig _rig = new();

    private static CancellationToken Token => TokenRig.Token;

    public void Dispose() => _rig.Dispose();

    [Theory]
    [InlineData("admin", "micro")]
    [InlineData("admin", "")]
    [InlineData("", "")]
    [InlineData("root", "root")]
    public async Task A31_There_is_no_account_that_nobody_created(string id, string secret)
    {
        Assert.Empty(await _rig.Accounts.ListAsync(Token));
        Assert.Null(await _rig.Accounts.TryVerifyAsync(id, secret, Token));
        Assert.Null(await _rig.Issuer.TryIssueAsync(id, secret, new TokenRequest { Audience = "a" }, Token));
    }

    [Fact]
    public async Task A30_An_account_is_found_by_its_name_and_secret()
    {
        var created = await _rig.AdaAsync();
        var account = await _rig.Accounts.TryVerifyAsync("ada", created.Secret, Token);
        Assert.Equal(("ada", "user", "micro.local", "Ada L."), (account!.Id, account.Type, account.Issuer, account.Metadata["name"]));
        Assert.Equal(["read", "write"], account.Scopes.Order());
        Assert.Null(await _rig.Accounts.TryVerifyAsync("Ada", created.Secret, Token));
        Assert.Null(await _rig.Accounts.TryVerifyAsync("ada", created.Secret + " ", Token));
        Assert.Null(await _rig.Accounts.TryVerifyAsync("ada", created.Secret[..^1], Token));
        Assert.Null(await _rig.Accounts.TryVerifyAsync("ada", "", Token));
        Assert.Null(await _rig.Accounts.TryVerifyAsync("ada", new string('x', 1_000_000), Token));
        Assert.Null(await _rig.Accounts.TryVerifyAsync(new string('x', 1_000_000), "x", Token));
    }

    [Fact]
    public async Task A28_A_changed_secret_makes_the_old_one_fail_and_ends_the_sign_ins()
    {
        var old = (await _rig.AdaAsync()).Secret;
        var issued = await _rig.IssueAsync(refresh: true);
        var changed = await _rig.Accounts.TryChangeSecretAsync("ada", cancellationToken: Token);
        Assert.Null(await _rig.Accounts.TryVerifyAsync("ada", old, Token));
        Assert.NotNull(await _rig.Accounts.TryVerifyAsync("ada", changed!.Secret, Token));
        Assert.Null(await _rig.Issuer.TryRefreshAsync(issued.RefreshToken!, null, Token));
        Assert.NotNull(await _rig.Accounts.TryChangeSecretAsync("ada", "correct horse battery", Token));
        Assert.Null(await _rig.Accounts.TryVerifyAsync("ada", changed.Secret, Token));
        Assert.NotNull(await _rig.Accounts.TryVerifyAsync("ada", "correct horse battery", Token));
        Assert.Null(await _rig.Accounts.TryChangeSecretAsync("bob", cancellationToken: Token));
    }

    [Fact]
    public async Task A29_A_deleted_account_cannot_be_used_any_more()
    {
        var secret = (await _rig.AdaAsync()).Secret;
        var issued = await _rig.IssueAsync(refresh: true);
        Assert.True(await _rig.Accounts.TryDeleteAsync("ada", Token));
        Assert.False(await _rig.Accounts.TryDeleteAsync("ada", Token));
        Assert.Null(await _rig.Accounts.TryVerifyAsync("ada", secret, Token));
        Assert.Null(await _rig.Issuer.TryIssueAsync("ada", secret, new TokenRequest { Audience = "a" }, Token));
        Assert.Null(await _rig.Issuer.TryRefreshAsync(issued.RefreshToken!, null, Token));
        Assert.NotNull(await _rig.Accounts.TryCreateAsync(new AccountDraft { Id = "ada" }, Token));
        Assert.Null(await _rig.Issuer.TryRefreshAsync(issued.RefreshToken!, null, Token));
        Assert.Null(await _rig.Accounts.TryVerifyAsync("ada", secret, Token));
    }

    [Fact]
    public async Task An_account_is_created_once()
    {
        var secret = (await _rig.AdaAsync()).Secret;
        Assert.Null(await _rig.Accounts.TryCreateAsync(new AccountDraft { Id = "ada", Type = "service" }, Token));
        Assert.Equal("user", (await _rig.Accounts.TryVerifyAsync("ada", secret, Token))!.Type);
    }

    [Fact]
    public async Task TOK_8_An_unknown_account_costs_what_a_wrong_secret_costs()
    {
        var hasher = new SecretHasher(rounds: 10);
        var accounts = new AccountDirectory(_rig.Store, hasher, _rig.Clock, "micro.local");
        await accounts.TryCreateAsync(new AccountDraft { Id = "ada" }, Token);
        await _rig.Store.TryWriteAsync(new AccountRecord { Id = "none" }, Token);
        await _rig.Store.TryWriteAsync(new AccountRecord { Id = "odd", Secret = new HashedSecret("plain", 0, default, default) }, Token);
        foreach (var id in new[] { "ada", "nobody", "none", "odd", "", new string('x', 1000) })
        {
            var before = hasher.Computed;
            Assert.Null(await accounts.TryVerifyAsync(id, "wrong secret", Token));
            Assert.Equal(before + 1, hasher.Computed);
        }
    }

    [Fact]
    public async Task Secrets_are_kept_as_600000_rounds_of_PBKDF2_with_a_salt_each()
    {
        var hasher = new SecretHasher();
        var (one, two) = (await hasher.HashAsync("the same secret", Token), await hasher.HashAsync("the same secret", Token));
        Assert.Equal(("pbkdf2-sha256", 600_000, 16, 32), (one.Algorithm, one.Rounds, one.Salt.Length, one.Hash.Length));
        Assert.False(one.Salt.Span.SequenceEqual(two.Salt.Span));
        Assert.False(one.Hash.Span.SequenceEqual(two.Hash.Span));
        Assert.True(await hasher.VerifyAsync(one, "the same secret", Token));
        Assert.False(await hasher.VerifyAsync(one, "the same secreT", Token));
    }

    [Fact]
    public async Task An_account_with_few_rounds_still_verifies_by_what_was_written()
    {
        var written = await new SecretHasher(1000).HashAsync("older secret", Token);
        Assert.True(await new SecretHasher(2000).VerifyAsync(written, "older secret", Token));
    }

    [Fact]
    public async Task Made_secrets_are_long_and_never_the_same()
    {
        var made = new HashSet<string>();
        for (var i = 0; i < 100; i++)
        {
            made.Add((await _rig.Accounts.TryCreateAsync(new AccountDraft { Id = $"a{i}" }, Token))!.Secret);
        }

        Assert.Equal(100, made.Count);
        Assert.All(made, secret => Assert.Equal(43, secret.Length));
    }

    [Fact]
    public async Task What_cannot_be_an_account_is_refused_without_a_quote_of_the_secret()
    {
        AccountDraft[] drafts =
        [
            new() { Id = "" }, new() { Id = "a b" }, new() { Id = "a\nb" }, new() { Id = "ü" }, new() { Id = new string('x', 129) }, new() { Id = "a\"" },
            new() { Id = "a", Type = "" }, new() { Id = "a", Type = "x y" },
            new() { Id = "a", Scopes = new HashSet<string> { "*" } }, new() { Id = "a", Scopes = new HashSet<string> { "" } },
            new() { Id = "a", Scopes = new HashSet<string> { "read write" } }, new() { Id = "a", Scopes = Enumerable.Range(0, 65).Select(i => $"s{i}").ToHashSet() },
            new() { Id = "a", Metadata = new Dictionary<string, string> { [""] = "" } }, new() { Id = "a", Metadata = new Dictionary<string, string> { ["n"] = new('x', 257) } },
            new() { Id = "a", Secret = "too short" }, new() { Id = "a", Secret = new string('s', 1025) },
        ];
        foreach (var draft in drafts)
        {
            var error = await Assert.ThrowsAnyAsync<ArgumentException>(async () => await _rig.Accounts.TryCreateAsync(draft, Token));
            Assert.DoesNotContain("too short", error.ToString(), StringComparison.Ordinal);
        }

        Assert.Empty(await _rig.Accounts.ListAsync(Token));
    }
}
