using Micro.Security;
using Micro.Tokens.Tests.Support;
using Micro.Tokens.Verification;

namespace Micro.Tokens.Tests;

/// <summary>What is remembered of tokens, and what is told of them.</summary>
public sealed class VerdictTests : IDisposable
{
    private readonly TokenRig _rig = new();

    private static CancellationToken Token => TokenRig.Token;

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task TOK_8_The_peer_is_told_one_text_whatever_was_wrong()
    {
        var good = await _rig.SignAsync();
        string[] bad =
        [
            "", "x", good + "x", await _rig.SignAsync(header => header["alg"] = "none"), await _rig.SignAsync(header => header["kid"] = "x"),
            await _rig.SignAsync(claims: claims => claims["exp"] = 1), await _rig.SignAsync(claims: claims => claims["aud"] = "x"), await _rig.SignAsync(claims: claims => claims["iss"] = "x"),
            good[..^4] + "AAAA",
        ];
        var verdicts = bad.Select(token => _rig.Ask(token)).ToArray();
        Assert.All(verdicts, verdict => Assert.False(verdict.IsAccepted));
        Assert.True(verdicts.Select(verdict => verdict.Refusal).Distinct().Count() > 5, "The log does not tell what was wrong.");
        Assert.Equal(bad.Length, _rig.Log.Entries.Count(entry => entry.StartsWith("Warning 1710", StringComparison.Ordinal)));
        Assert.Equal("The token is not accepted.", TokenVerdict.RefusalText);
    }

    [Fact]
    public async Task TOK_5_Tokens_and_secrets_are_in_no_log_no_exception_and_no_text()
    {
        var created = await _rig.AdaAsync();
        var request = new TokenRequest { Audience = TokenRig.Audience, BoundTo = TokenRig.Shop, WithRefresh = true };
        var issued = (await _rig.Issuer.TryIssueAsync("ada", created.Secret, request, Token))!;
        await _rig.Issuer.TryIssueAsync("ada", "wrong-secret-1", request, Token);
        _rig.Ask(issued.AccessToken);
        _rig.Ask(issued.AccessToken, TokenRig.Thief);
        _rig.Ask(issued.AccessToken[..^3] + "AAA", TokenRig.Shop);
        _rig.Ask(issued.RefreshToken!);
        await _rig.Issuer.TryRefreshAsync(issued.RefreshToken!, TokenRig.Shop, Token);
        await _rig.Issuer.TryRefreshAsync(issued.RefreshToken!, TokenRig.Shop, Token);
        await _rig.Issuer.TryRefreshAsync(issued.AccessToken, null, Token);
        var record = (await _rig.Store.FindAsync("ada", Token))!;
        var text = string.Join('\n', _rig.Log.All, created, issued, record, record.Secret, request, new AccountDraft { Id = "a", Secret = created.Secret }, _rig.Ask(issued.AccessToken).Account);
        var key = await File.ReadAllTextAsync(Path.Combine(_rig.Home, "authority", "token-keys.json"), Token);
        string[] secret =
        [
            created.Secret, "wrong-secret-1", issued.AccessToken.Split('.')[1], issued.AccessToken.Split('.')[2], issued.RefreshToken!.Split('~')[2], key.Split("pkcs8\": \"")[1][..20],
        ];
        Assert.All(secret, part => Assert.DoesNotContain(part, text, StringComparison.Ordinal));
        Assert.NotEmpty(_rig.Log.Entries);
    }

    [Fact]
    public async Task A_repeated_token_costs_a_look_up_for_at_most_a_minute()
    {
        var token = (await _rig.IssueAsync()).AccessToken;
        for (var i = 0; i < 100; i++)
        {
            Assert.True(_rig.Ask(token).IsAccepted);
        }

        Assert.Equal(1, _rig.Verifier.Verifications);
        var before = GC.GetAllocatedBytesForCurrentThread();
        _rig.Ask(token);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200);
        _rig.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.True(_rig.Ask(token).IsAccepted);
        Assert.Equal(2, _rig.Verifier.Verifications);
    }

    [Fact]
    public async Task A_remembered_token_ends_when_it_expires()
    {
        var token = await _rig.SignAsync(claims: claims => claims["exp"] = _rig.Clock.GetUtcNow().ToUnixTimeSeconds() + 1);
        Assert.True(_rig.Ask(token).IsAccepted);
        _rig.Clock.Advance(TimeSpan.FromSeconds(31));
        _rig.Refuses(token, because: "expired");
    }

    [Fact]
    public async Task What_is_remembered_is_bounded_and_what_is_refused_is_not()
    {
        using var small = new TokenRig(options => options.CacheSize = 4);
        var cache = new VerifiedTokenCache(4);
        var token = new VerifiedToken(new Account("a", "user", new HashSet<string>(), "i"), default, null, null!, Keys.KeySet.Empty, default);
        for (var i = 0; i < 1000; i++)
        {
            cache.Add(VerifiedTokenCache.Hash($"t{i}", "a"), token);
            Assert.InRange(cache.Count, 1, 4);
        }

        var good = (await small.IssueAsync()).AccessToken;
        Assert.True(small.Ask(good).IsAccepted);
        for (var i = 0; i < 100; i++)
        {
            small.Refuses(await small.SignAsync(claims: claims => claims["aud"] = "x"));
        }

        Assert.True(small.Ask(good).IsAccepted);
        Assert.Equal(1, small.Verifier.Verifications);
    }

    [Fact]
    public void Token_and_audience_do_not_run_into_each_other() =>
        Assert.NotEqual(VerifiedTokenCache.Hash("ab", "c"), VerifiedTokenCache.Hash("a", "bc"));

    [Fact]
    public async Task A_cache_of_none_verifies_each_time()
    {
        using var rig = new TokenRig(options => options.CacheSize = 0);
        var token = (await rig.IssueAsync()).AccessToken;
        Assert.True(rig.Ask(token).IsAccepted);
        Assert.True(rig.Ask(token).IsAccepted);
        Assert.Equal(2, rig.Verifier.Verifications);
    }

    [Fact]
    public async Task Many_threads_may_ask_at_once()
    {
        var tokens = new List<string>();
        for (var i = 0; i < 20; i++)
        {
            tokens.Add((await _rig.IssueAsync()).AccessToken);
        }

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(
            () =>
            {
                for (var i = 0; i < 500; i++)
                {
                    Assert.True(_rig.Ask(tokens[i % tokens.Count]).IsAccepted);
                    Assert.False(_rig.Ask(tokens[i % tokens.Count], audience: "x").IsAccepted);
                }
            },
            Token)));
    }

    [Fact]
    public async Task A34_A_bad_token_is_a_refusal_and_never_an_anonymous_caller()
    {
        var verdict = _rig.Ask((await _rig.IssueAsync()).AccessToken + "x");
        Assert.False(verdict.IsAccepted);
        Assert.Null(verdict.Account);
        Assert.NotNull(verdict.Refusal);
    }

    [Fact]
    public async Task A21_A_verifier_that_believes_nobody_here_refuses_the_tokens_of_this_home()
    {
        using var rig = new TokenRig(options => options.AcceptLocal = false);
        rig.Refuses((await rig.IssueAsync()).AccessToken, because: "issuer");
    }
}
