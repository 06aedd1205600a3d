using System.Text;
using Micro.Security;
using Micro.Tests.Support;
using Microsoft.Extensions.Logging;

namespace Micro.Tests.Security;

/// <summary>What one process changes, another one follows; what cannot be used changes nothing.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class AuthorityFollowTests : IDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly AuthorityRig _rig = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task ID_8_A_revoked_identity_is_known_to_another_process_within_a_second_and_gets_no_leaf_any_more()
    {
        var (writer, reader) = (_rig.Open(), _rig.Source());
        var mailer = await reader.GetAsync(AuthorityRig.Mailer, Token);
        var cart = await reader.GetAsync(AuthorityRig.Cart, Token);
        await writer.RevokeAsync(AuthorityRig.Mailer, Token);
        Assert.False(cart.Superseded.IsCancellationRequested);
        _rig.Time.Advance(Second);
        Assert.True(cart.Superseded.IsCancellationRequested);
        var next = await reader.GetAsync(AuthorityRig.Cart, Token);
        Assert.True(next.Bundle.IsRevoked(AuthorityRig.Mailer, mailer.Leaf.SerialNumber));
        Assert.False(next.Bundle.IsRevoked(AuthorityRig.Cart, cart.Leaf.SerialNumber));
        Assert.Same(cart.Leaf, next.Leaf); // a new bundle is no reason for a new leaf
        Assert.Contains("revoked", Assert.Throws<CredentialException>(() => writer.Issue(AuthorityRig.Mailer)).Message);
        await writer.RestoreAsync(AuthorityRig.Mailer, Token);
        _rig.Time.Advance(Second);
        Assert.False((await reader.GetAsync(AuthorityRig.Cart, Token)).Bundle.IsRevoked(AuthorityRig.Mailer, mailer.Leaf.SerialNumber));
        writer.Issue(AuthorityRig.Mailer);
    }

    [Fact]
    public async Task ID_8_The_owner_of_a_revoked_leaf_gets_another_one_and_the_entry_goes_when_the_leaf_is_over()
    {
        var (writer, reader) = (_rig.Open(), _rig.Source());
        var cart = await reader.GetAsync(AuthorityRig.Cart, Token);
        await writer.RevokeSerialAsync(cart.Leaf.SerialNumber.ToLowerInvariant(), Token);
        _rig.Time.Advance(Second);
        var next = await reader.GetAsync(AuthorityRig.Cart, Token);
        Assert.NotEqual(cart.Leaf.SerialNumber, next.Leaf.SerialNumber);
        Assert.True(next.Bundle.IsRevoked(AuthorityRig.Cart, cart.Leaf.SerialNumber));
        _rig.Time.Advance(CertificateAuthority.MaxLeafLifetime);
        Assert.Single(writer.Look().RevokedSerials);
        _rig.Time.Advance(TimeSpan.FromMinutes(3));
        Assert.Empty(writer.Look().RevokedSerials);
        await Assert.ThrowsAsync<CredentialException>(() => writer.RevokeSerialAsync("no serial", Token));
    }

    [Theory]
    [InlineData("empty")]
    [InlineData("cut")]
    [InlineData("gone")]
    [InlineData("garbage")]
    [InlineData("newer")]
    [InlineData("open to others")]
    public async Task ID_10_A_bundle_that_cannot_be_used_keeps_the_last_good_one_says_so_once_and_is_tried_again(string damage)
    {
        var (writer, reader) = (_rig.Open(), _rig.Source());
        var cart = await reader.GetAsync(AuthorityRig.Cart, Token);
        var good = File.ReadAllBytes(_rig.Bundle);
        switch (damage)
        {
            case "gone": File.Delete(_rig.Bundle); break;
            case "newer": _rig.EditBundle(json => json, version: 2); break;
            case "open to others": File.SetUnixFileMode(_rig.Bundle, (UnixFileMode)0b110_100_100); break;
            default: _rig.Overwrite(_rig.Bundle, damage switch { "empty" => [], "cut" => good[..^5], _ => Encoding.ASCII.GetBytes("{}") }); break;
        }

        for (var i = 0; i < 5; i++)
        {
            _rig.Time.Advance(Second);
            Assert.Same(cart, await reader.GetAsync(AuthorityRig.Cart, Token));
        }

        Assert.Equal((1, 1), (_rig.Errors, _rig.Failures));
        Assert.Contains(_rig.Bundle, _rig.Log.Entries.Single(entry => entry.Level == LogLevel.Error).Text);

        // New identities go on to be minted from what is known.
        Assert.True(_rig.Chains((await reader.GetAsync(AuthorityRig.Mailer, Token)).Leaf, cart.Bundle));
        _rig.Overwrite(_rig.Bundle, good);
        await writer.RevokeAsync(AuthorityRig.Mailer, Token);
        _rig.Time.Advance(Second);
        Assert.True((await reader.GetAsync(AuthorityRig.Cart, Token)).Bundle.IsRevoked(AuthorityRig.Mailer, ""));
    }

    [Fact]
    public async Task ID_10_A_bundle_with_a_lower_or_the_same_number_is_ignored()
    {
        var (writer, reader) = (_rig.Open(), _rig.Open());
        var old = File.ReadAllBytes(_rig.Bundle);
        await writer.RevokeAsync(AuthorityRig.Mailer, Token);
        Assert.Equal(2, reader.Look().Sequence);
        _rig.Overwrite(_rig.Bundle, old);
        Assert.Equal(2, reader.Look().Sequence);
        Assert.Contains(AuthorityRig.Mailer, reader.State.Revoked);
        Assert.Equal((1, 1), (_rig.Errors, _rig.Failures));

        // The same number with other content, by somebody who started from the old one.
        _rig.EditBundle(json => json.Replace("\"sequence\": 1", "\"sequence\": 2", StringComparison.Ordinal));
        Assert.Contains(AuthorityRig.Mailer, reader.Look().Revoked);
        Assert.Equal((2, 2), (_rig.Errors, _rig.Failures));
        _rig.EditBundle(json => json.Replace("\"sequence\": 2", "\"sequence\": 3", StringComparison.Ordinal));
        Assert.Empty(reader.Look().Revoked);
        Assert.Equal(3, reader.State.Sequence);
    }

    [Fact]
    public void ID_10_A_bundle_that_was_only_touched_is_no_news()
    {
        var authority = _rig.Open();
        var state = authority.State;
        _rig.Overwrite(_rig.Bundle, File.ReadAllBytes(_rig.Bundle));
        Assert.Same(state, authority.Look());
        Assert.Equal(0, _rig.Errors);
    }

    [Fact]
    public async Task ID_10_Dropping_every_root_needs_the_flag_that_says_so()
    {
        var reader = _rig.Open();
        using var other = new AuthorityRig();
        var stranger = other.Open();
        await stranger.RevokeAsync(AuthorityRig.Mailer, Token);
        File.Copy(other.KeyPath, Path.Combine(_rig.Directory, Path.GetFileName(other.KeyPath)));
        _rig.Overwrite(_rig.Bundle, File.ReadAllBytes(other.Bundle));
        Assert.Equal(1, reader.Look().Sequence);
        Assert.Contains("none of the roots in use", _rig.Log.Entries.Single(entry => entry.Level == LogLevel.Error).Text);
        _rig.EditBundle(json => json.Replace("\"replacesAll\": false", "\"replacesAll\": true", StringComparison.Ordinal));
        Assert.Equal(stranger.State.Roots[0].Fingerprint, reader.Look().Roots.Single().Fingerprint);
    }

    [Fact]
    public async Task ID_8_Replacing_a_stolen_root_makes_its_leaves_worthless_within_a_second()
    {
        var (writer, reader) = (_rig.Open(), _rig.Source());
        var cart = await reader.GetAsync(AuthorityRig.Cart, Token);
        await writer.ReplaceAsync(Token);
        _rig.Time.Advance(Second);
        var next = await reader.GetAsync(AuthorityRig.Cart, Token);
        Assert.False(_rig.Chains(cart.Leaf, next.Bundle));
        Assert.True(_rig.Chains(next.Leaf, next.Bundle));
        Assert.Single(Directory.GetFiles(_rig.Directory, "root-*"));

        // A second replacement is not kept from what follows the first.
        await writer.ReplaceAsync(Token);
        _rig.Time.Advance(Second);
        Assert.Single((await reader.GetAsync(AuthorityRig.Cart, Token)).Bundle.RootsOf("micro.local"));
    }

    [Fact]
    public async Task ID_7_Writers_of_several_processes_lose_no_change()
    {
        var authorities = Enumerable.Range(0, 8).Select(_ => _rig.Open()).ToArray();
        var identities = Enumerable.Range(0, 40).Select(i => ServiceIdentity.Create("micro.local", "default", $"s{i}")).ToArray();
        await Task.WhenAll(identities.Select((identity, i) => authorities[i % 8].RevokeAsync(identity, Token)));
        Assert.All(authorities, authority =>
        {
            var state = authority.Look();
            Assert.Equal(41, state.Sequence);
            Assert.Equal(identities.ToHashSet(), state.Revoked.ToHashSet());
        });
    }

    [Fact]
    public async Task ID_10_A_change_that_cannot_be_written_is_an_error_and_no_change()
    {
        var authority = _rig.Open();
        var path = Path.Combine(_rig.Directory, "lock");
        File.Delete(path);
        Directory.CreateDirectory(path);
        var error = await Assert.ThrowsAsync<CredentialException>(() => authority.RollAsync(Token));
        Assert.Contains(path, error.Message);
        Assert.Equal(1, authority.Look().Sequence);
    }
}
