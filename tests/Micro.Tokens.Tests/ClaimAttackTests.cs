using System.Text.Json.Nodes;
using Micro.Tokens.Tests.Support;

namespace Micro.Tokens.Tests;

/// <summary>Tokens that are rightly signed and not for this service, not for now or not for this bearer.</summary>
public sealed class ClaimAttackTests : IDisposable
{
    private readonly TokenRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Theory]
    [InlineData("exp")]
    [InlineData("aud")]
    [InlineData("sub")]
    [InlineData("iss")]
    public async Task TOK_3_A_token_without_a_claim_that_has_to_be_there_is_refused(string claim)
    {
        _rig.Refuses(await _rig.SignAsync(claims: claims => claims.Remove(claim)), because: claim == "iss" ? "issuer" : $"no '{claim}'");
        _rig.Refuses(await _rig.SignAsync(claims: claims => claims[claim] = null));
        _rig.Refuses(await _rig.SignAsync(claims: claims => claims[claim] = true));
        _rig.Refuses(await _rig.SignAsync(claims: claims => claims[claim] = new JsonObject()));
        _rig.Refuses(await _rig.SignAsync(claims: claims => claims[claim] = ""));
    }

    [Theory]
    [InlineData("\"1800000600\"")]
    [InlineData("-1")]
    [InlineData("1e400")]
    [InlineData("253402300800")]
    [InlineData("[1800000600]")]
    public async Task TOK_3_A_time_that_is_none_is_refused(string time)
    {
        foreach (var claim in new[] { "exp", "nbf", "iat" })
        {
            _rig.Refuses(await _rig.SignAsync((await _rig.HeaderAsync()).ToJsonString(), With(claim, time)), because: claim);
        }
    }

    [Fact]
    public async Task A20_TOK_3_An_expired_token_is_refused_after_at_most_30_seconds()
    {
        var token = (await _rig.IssueAsync()).AccessToken;
        _rig.Clock.Advance(_rig.Options.Lifetime + TimeSpan.FromSeconds(29));
        Assert.True(_rig.Ask(token).IsAccepted);
        _rig.Clock.Advance(TimeSpan.FromSeconds(1));
        _rig.Refuses(token, because: "expired");
    }

    [Fact]
    public async Task TOK_3_A_day_of_skew_either_way_is_refused()
    {
        const int day = 86_400;
        var now = _rig.Clock.GetUtcNow().ToUnixTimeSeconds();
        foreach (var claim in new[] { "nbf", "iat" })
        {
            Assert.True(_rig.Ask(await _rig.SignAsync(claims: claims => claims[claim] = now + 30)).IsAccepted);
            _rig.Refuses(await _rig.SignAsync(claims: claims => claims[claim] = now + 31), because: claim);
            _rig.Refuses(await _rig.SignAsync(claims: claims => (claims["exp"], claims[claim]) = (now + 2 * day, now + day)), because: claim);
        }

        _rig.Refuses(await _rig.SignAsync(claims: claims => (claims["iat"], claims["nbf"], claims["exp"]) = (now - 2 * day, now - 2 * day, now - day)), because: "expired");
        var good = (await _rig.IssueAsync()).AccessToken;
        _rig.Clock.Advance(TimeSpan.FromDays(1));
        _rig.Refuses(good, because: "expired");
        using var early = new TokenRig();
        early.Clock.Advance(TimeSpan.FromDays(1));
        var tomorrow = (await early.IssueAsync()).AccessToken;
        var behind = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(_rig.Clock.GetUtcNow() - TimeSpan.FromDays(1));
        Assert.Contains("nbf", Behind(early, behind).Authenticate(tomorrow, null, TokenRig.Audience).Refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("\"\"")]
    [InlineData("[\"\"]")]
    [InlineData("[\"\",\"\"]")]
    [InlineData("[null]")]
    [InlineData("[[\"spiffe://micro.local/default/orders\"]]")]
    [InlineData("{\"spiffe://micro.local/default/orders\":1}")]
    [InlineData("\"spiffe://micro.local/default/Orders\"")]
    [InlineData("\"spiffe://micro.local/default/orders/\"")]
    [InlineData("\"spiffe://micro.local/default/orders \"")]
    [InlineData("\"spiffe://micro.local/default/order\"")]
    [InlineData("\"*\"")]
    [InlineData("[\"*\",\"spiffe://micro.local/default/*\"]")]
    public async Task TOK_3_Only_the_exact_audience_matches_and_an_empty_one_never_does(string audience)
    {
        var token = await _rig.SignAsync((await _rig.HeaderAsync()).ToJsonString(), With("aud", audience));
        _rig.Refuses(token, because: "audience");
        _rig.Refuses(token, audience: "");
    }

    [Fact]
    public async Task TOK_3_An_audience_among_several_matches()
    {
        var token = await _rig.SignAsync((await _rig.HeaderAsync()).ToJsonString(), With("aud", $"[\"\",\"other\",\"{TokenRig.Audience}\"]"));
        Assert.True(_rig.Ask(token).IsAccepted);
        _rig.Refuses(token, audience: "");
    }

    [Fact]
    public async Task TOK_4_A_token_for_one_service_is_refused_by_another_also_after_it_was_accepted()
    {
        var token = (await _rig.IssueAsync("a")).AccessToken;
        Assert.True(_rig.Ask(token, audience: "a").IsAccepted);
        _rig.Refuses(token, audience: "b", because: "audience");
        _rig.Refuses(token, audience: "A", because: "audience");
        _rig.Refuses(token, audience: "", because: "audience");
        Assert.True(_rig.Ask(token, audience: "a").IsAccepted);
    }

    [Fact]
    public async Task TOK_6_A_stolen_token_that_is_bound_is_of_no_use_to_anyone_else()
    {
        var token = (await _rig.IssueAsync(boundTo: TokenRig.Shop)).AccessToken;
        _rig.Refuses(token, TokenRig.Thief, because: "bound");
        Assert.True(_rig.Ask(token, TokenRig.Shop).IsAccepted);
        _rig.Refuses(token, TokenRig.Thief, because: "bound");
        _rig.Refuses(token, bearer: null, because: "bound");
        Assert.Equal(1, _rig.Verifier.Verifications);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("\"spiffe://micro.local/default/shop\"")]
    [InlineData("{\"spiffe\":\"\"}")]
    [InlineData("{\"spiffe\":null}")]
    [InlineData("{\"spiffe\":[\"spiffe://micro.local/default/shop\"]}")]
    [InlineData("{\"spiffe\":\"spiffe://micro.local/default/%73hop\"}")]
    [InlineData("{\"x5t#S256\":\"AAAA\"}")]
    [InlineData("{\"jkt\":\"AAAA\"}")]
    [InlineData("{\"spiffe\":\"spiffe://micro.local/default/shop\",\"jkt\":\"AAAA\"}")]
    [InlineData("null")]
    public async Task TOK_6_A_binding_that_cannot_be_checked_is_refused(string confirmation)
    {
        var token = await _rig.SignAsync((await _rig.HeaderAsync()).ToJsonString(), With("cnf", confirmation));
        _rig.Refuses(token, TokenRig.Shop, because: "cnf");
        _rig.Refuses(token, because: "cnf");
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\nb")]
    [InlineData("a\u0000")]
    public async Task TOK_3_A_subject_that_would_forge_the_log_is_refused(string subject) =>
        _rig.Refuses(await _rig.SignAsync(claims: claims => claims["sub"] = subject), because: "sub");

    [Fact]
    public async Task TOK_3_A_subject_has_at_most_255_characters()
    {
        Assert.True(_rig.Ask(await _rig.SignAsync(claims: claims => claims["sub"] = new string('s', 255))).IsAccepted);
        _rig.Refuses(await _rig.SignAsync(claims: claims => claims["sub"] = new string('s', 256)), because: "sub");
    }

    [Fact]
    public async Task A36_Scopes_are_compared_exactly()
    {
        var scopes = _rig.Ask(await _rig.SignAsync(claims: claims => claims["scope"] = "Read  write")).Account!.Scopes;
        Assert.Equal(["Read", "write"], scopes.Order(StringComparer.Ordinal));
        Assert.DoesNotContain("read", scopes);
    }

    private static Verification.TokenVerifier Behind(TokenRig rig, TimeProvider clock)
    {
        var keys = new Keys.LocalKeys(rig.Home, rig.Options, clock, rig.Log);
        return new(new(rig.Options, keys, new TokenKeyClient(), clock, rig.Log), rig.Options, clock, rig.Log);
    }

    private string With(string claim, string json)
    {
        var claims = _rig.Claims();
        claims.Remove(claim);
        return $"{claims.ToJsonString()[..^1]},\"{claim}\":{json}}}";
    }
}
