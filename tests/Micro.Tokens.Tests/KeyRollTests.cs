using System.Text.Json.Nodes;
using Micro.Security;
using Micro.Tokens.Keys;
using Micro.Tokens.Tests.Support;

namespace Micro.Tokens.Tests;

public sealed class KeyRollTests : IDisposable
{
    private readonly TokenRig _rig = new();

    private static CancellationToken Token => TokenRig.Token;

    private string FilePath => Path.Combine(_rig.Home, "authority", LocalKeys.FileName);

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task ID_11_The_key_file_is_the_owners_alone_and_is_refused_otherwise()
    {
        var token = (await _rig.IssueAsync()).AccessToken;
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(FilePath));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(FilePath)!));
        File.SetUnixFileMode(FilePath, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Assert.False(_rig.OtherProcess().Authenticate(token, null, TokenRig.Audience).IsAccepted);
        var keys = new LocalKeys(_rig.Home, _rig.Options, _rig.Clock, _rig.Log);
        await Assert.ThrowsAsync<CredentialException>(async () => await keys.GetAsync(Token));
    }

    [Fact]
    public async Task ID_11_A_directory_that_others_can_read_is_refused()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_rig.Home, "authority"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead);
        var error = await Assert.ThrowsAsync<CredentialException>(async () => await _rig.Keys.GetAsync(Token));
        Assert.Contains($"chmod 700 '{folder.FullName}'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_that_start_at_once_make_one_key()
    {
        var ids = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(
            async () => (await new LocalKeys(_rig.Home, _rig.Options, _rig.Clock, _rig.Log).GetAsync(Token)).Id, Token)));
        Assert.Single(ids.Distinct());
    }

    [Fact]
    public async Task Another_process_verifies_at_once_what_the_first_key_signed()
    {
        var other = _rig.OtherProcess();
        Assert.False(other.Authenticate("x.y.z", null, TokenRig.Audience).IsAccepted);
        Assert.True(other.Authenticate((await _rig.IssueAsync()).AccessToken, null, TokenRig.Audience).IsAccepted);
    }

    [Fact]
    public async Task A_rolled_key_is_published_then_signs_and_the_old_one_verifies_for_the_overlap()
    {
        var old = (await _rig.Keys.GetAsync(Token)).Id;
        await _rig.Issuer.RollKeyAsync(cancellationToken: Token);
        Assert.Equal(2, Published().Length);
        Assert.Equal(old, (await _rig.Keys.GetAsync(Token)).Id);
        _rig.Clock.Advance(TimeSpan.FromMinutes(59));
        var last = (await _rig.IssueAsync()).AccessToken;
        _rig.Clock.Advance(TimeSpan.FromMinutes(1));
        var fresh = await _rig.Keys.GetAsync(Token);
        Assert.NotEqual(old, fresh.Id);
        Assert.True(_rig.Ask(last).IsAccepted);
        Assert.True(_rig.Ask((await _rig.IssueAsync()).AccessToken).IsAccepted);
        _rig.Clock.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal(2, Published().Length);
        _rig.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal([fresh.Id], Published());
        await _rig.Issuer.RollKeyAsync(cancellationToken: Token);
        Assert.DoesNotContain(old, await File.ReadAllTextAsync(FilePath, Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_is_past_its_overlap_verifies_nothing()
    {
        var old = await _rig.SignAsync(claims: claims => claims["exp"] = 1_900_000_000);
        await _rig.Issuer.RollKeyAsync(cancellationToken: Token);
        _rig.Clock.Advance(TimeSpan.FromHours(2) - TimeSpan.FromSeconds(1));
        Assert.True(_rig.Ask(old).IsAccepted);
        _rig.Clock.Advance(TimeSpan.FromSeconds(1));
        _rig.Refuses(old, because: "key");
    }

    [Fact]
    public async Task A_key_is_followed_by_a_new_one_when_it_is_old()
    {
        var first = (await _rig.Keys.GetAsync(Token)).Id;
        _rig.Clock.Advance(TimeSpan.FromDays(30));
        Assert.Equal(first, (await _rig.Keys.GetAsync(Token)).Id);
        Assert.Equal(2, Published().Length);
        _rig.Clock.Advance(TimeSpan.FromHours(1));
        Assert.NotEqual(first, (await _rig.Keys.GetAsync(Token)).Id);
        Assert.Equal(2, Published().Length);
    }

    [Fact]
    public async Task A_revoked_key_ends_its_tokens_within_a_second_also_those_remembered()
    {
        var token = (await _rig.IssueAsync()).AccessToken;
        var other = _rig.OtherProcess();
        Assert.True(_rig.Ask(token).IsAccepted);
        Assert.True(other.Authenticate(token, null, TokenRig.Audience).IsAccepted);
        await _rig.Issuer.RollKeyAsync(revokeOld: true, Token);
        _rig.Refuses(token, because: "key");
        _rig.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.False(other.Authenticate(token, null, TokenRig.Audience).IsAccepted);
        var fresh = (await _rig.IssueAsync()).AccessToken;
        Assert.True(_rig.Ask(fresh).IsAccepted);
        Assert.True(other.Authenticate(fresh, null, TokenRig.Audience).IsAccepted);
    }

    [Theory]
    [InlineData("{\"format\":2,\"keys\":[]}", "format is 2")]
    [InlineData("{\"format\":1,\"keys\":[{\"kid\":\"x\",\"signsFrom\":0,\"verifiesUntil\":null,\"pkcs8\":\"aHVzaA==\"}]}", "damaged")]
    [InlineData("{", "line 0")]
    public async Task ID_10_A_key_file_that_is_damaged_leaves_the_keys_in_use_and_is_not_overwritten(string content, string reason)
    {
        var token = (await _rig.IssueAsync()).AccessToken;
        await File.WriteAllTextAsync(FilePath, content, Token);
        _rig.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.True(_rig.Ask(token).IsAccepted);
        Assert.Contains(reason, _rig.Log.All, StringComparison.Ordinal);
        Assert.DoesNotContain("aHVzaA", _rig.Log.All, StringComparison.Ordinal);
        for (var i = 0; i < 100; i++)
        {
            _rig.Refuses("eyJhbGciOiJFUzI1NiIsImtpZCI6IngifQ.eyJpc3MiOiJtaWNyby5sb2NhbCJ9.AAAA", because: "key");
        }

        Assert.Single(_rig.Log.Entries, entry => entry.Contains("1700", StringComparison.Ordinal));
        await Assert.ThrowsAsync<CredentialException>(async () => await _rig.IssueAsync());
        await Assert.ThrowsAsync<CredentialException>(async () => await _rig.Issuer.RollKeyAsync(cancellationToken: Token));
        Assert.Equal(content, await File.ReadAllTextAsync(FilePath, Token));
    }

    [Fact]
    public async Task The_key_set_holds_public_keys_alone_and_verifies_in_another_home()
    {
        var token = (await _rig.IssueAsync()).AccessToken;
        var set = _rig.Issuer.GetKeySet();
        foreach (var key in JsonNode.Parse(set)!["keys"]!.AsArray())
        {
            Assert.Equal(["alg", "crv", "kid", "kty", "use", "x", "y"], key!.AsObject().Select(member => member.Key).Order());
        }

        using var elsewhere = new TokenRig(options =>
        {
            options.Issuer = "elsewhere";
            options.Issuers.Add(new OutsideIssuerOptions { Issuer = "micro.local", Keys = set, ScopePrefix = "home:" });
        });
        Assert.Equal(["home:read", "home:write"], elsewhere.Ask(token).Account!.Scopes.Order());
    }

    private string[] Published() => [.. JsonNode.Parse(_rig.Issuer.GetKeySet())!["keys"]!.AsArray().Select(key => (string)key!["kid"]!)];
}
