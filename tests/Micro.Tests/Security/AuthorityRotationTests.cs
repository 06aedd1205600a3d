using Micro.Security;
using Micro.Tests.Support;
using Microsoft.Extensions.Logging;

namespace Micro.Tests.Security;

/// <summary>Leaves and roots that follow each other, by a clock that is turned by hand.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class AuthorityRotationTests : IDisposable
{
    private static readonly TimeSpan Step = LocalCredentialSource.Interval;

    private readonly AuthorityRig _rig = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task ID_6_Leaves_are_renewed_between_50_and_70_percent_of_their_life_each_at_its_own_time()
    {
        var authority = _rig.Open();
        var sources = Enumerable.Range(1, 12).Select(seed => _rig.Source(authority, (ulong)seed)).ToArray();
        var first = await Task.WhenAll(sources.Select(source => source.GetAsync(AuthorityRig.Cart, Token).AsTask()));
        var begin = _rig.Time.GetUtcNow();
        var renewed = new TimeSpan[sources.Length];
        while (renewed.Contains(default))
        {
            _rig.Time.Advance(TimeSpan.FromSeconds(1));
            for (var i = 0; i < sources.Length; i++)
            {
                if (renewed[i] == default && first[i].Superseded.IsCancellationRequested)
                {
                    renewed[i] = _rig.Time.GetUtcNow() - begin;
                }
            }

            Assert.True(_rig.Time.GetUtcNow() < begin + TimeSpan.FromHours(1));
        }

        Assert.All(renewed, time => Assert.InRange(time.TotalMinutes, 30, 42));
        Assert.True(renewed.Distinct().Count() > 8, "They are renewed together.");
        Assert.True(renewed.Max() - renewed.Min() > TimeSpan.FromMinutes(3), "They are renewed almost together.");
        Assert.All(sources.Zip(first), pair =>
        {
            var next = pair.First.GetAsync(AuthorityRig.Cart, Token).Result;
            Assert.NotEqual(pair.Second.Leaf.SerialNumber, next.Leaf.SerialNumber);
            Assert.NotEqual(pair.Second.Leaf.PublicKey.ExportSubjectPublicKeyInfo(), next.Leaf.PublicKey.ExportSubjectPublicKeyInfo());
            Assert.True(_rig.Chains(next.Leaf, next.Bundle));
        });
    }

    [Fact]
    public async Task ID_7_When_Superseded_fires_the_new_one_can_be_had()
    {
        var source = _rig.Source();
        var first = await source.GetAsync(AuthorityRig.Cart, Token);
        var seen = new TaskCompletionSource<ServiceCredential>(TaskCreationOptions.RunContinuationsAsynchronously);
        first.Superseded.Register(() => seen.SetResult(source.GetAsync(AuthorityRig.Cart, default).Result));
        first.Superseded.Register(() => throw new InvalidOperationException("A callback of no good."));
        _rig.Time.Advance(TimeSpan.FromMinutes(43));
        var next = await seen.Task.WaitAsync(TimeSpan.FromSeconds(10), Token);
        Assert.NotSame(first, next);
        Assert.False(next.Superseded.IsCancellationRequested);
        Assert.Same(next, await source.GetAsync(AuthorityRig.Cart, Token));
        Assert.Equal(0, _rig.Errors);
    }

    [Fact]
    public async Task ID_7_The_shortest_life_is_renewed_in_time_as_well()
    {
        _rig.Options.LeafLifetime = TimeSpan.FromSeconds(2);
        var source = _rig.Source();
        for (var i = 0; i < 200; i++)
        {
            var get = source.GetAsync(AuthorityRig.Cart, Token);
            Assert.True(i == 0 || get.IsCompleted, "It ran out.");
            Assert.True((await get).Leaf.NotAfter.ToUniversalTime() > _rig.Time.GetUtcNow().UtcDateTime);
            _rig.Time.Advance(Step);
        }

        Assert.InRange(_rig.Renewals, 30, 60);
    }

    [Fact]
    public async Task ID_6_Many_who_ask_at_once_get_one_leaf()
    {
        var source = _rig.Source();
        var got = new Task<ServiceCredential>[32];
        await AuthorityRig.AtOnceAsync(32, i => got[i] = source.GetAsync(AuthorityRig.Cart, Token).AsTask());
        Assert.Single((await Task.WhenAll(got)).Distinct());
        Assert.Equal(1, _rig.Renewals);
        Assert.True(source.GetAsync(AuthorityRig.Cart, Token).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task ID_10_A_renewal_that_fails_keeps_the_last_leaf_until_it_is_over()
    {
        var authority = _rig.Open();
        var source = _rig.Source(authority);
        var first = await source.GetAsync(AuthorityRig.Cart, Token);
        await authority.RevokeAsync(AuthorityRig.Cart, Token);
        for (var i = 0; i < 59 * 6; i++)
        {
            _rig.Time.Advance(TimeSpan.FromSeconds(10));
        }

        Assert.Same(first.Leaf, (await source.GetAsync(AuthorityRig.Cart, Token)).Leaf);
        Assert.InRange(_rig.Failures, 10, 120);
        Assert.Equal(_rig.Failures, _rig.Errors);
        Assert.Contains("could not be renewed", _rig.Log.Entries.First(entry => entry.Level == LogLevel.Error).Text);
        _rig.Time.Advance(TimeSpan.FromMinutes(1));
        await Assert.ThrowsAsync<CredentialException>(() => source.GetAsync(AuthorityRig.Cart, Token).AsTask());
        await authority.RestoreAsync(AuthorityRig.Cart, Token);
        Assert.True(_rig.Chains((await source.GetAsync(AuthorityRig.Cart, Token)).Leaf, authority.State.Bundle));
        _rig.SaysNoSecret();
    }

    [Theory]
    [InlineData("spiffe://other.local/default/cart")]
    [InlineData("spiffe://micro.local/other/cart")]
    [InlineData("spiffe://micro.local/default/a/cart")]
    public async Task ID_13_A_process_gets_no_identity_of_another_domain_or_namespace(string id)
    {
        var source = _rig.Source();
        var error = await Assert.ThrowsAsync<CredentialException>(() => source.GetAsync(ServiceIdentity.Parse(id), Token).AsTask());
        Assert.Contains(id, error.Message);
    }

    [Fact]
    public async Task ID_13_The_identities_of_a_process_are_bounded()
    {
        var source = _rig.Source();
        for (var i = 0; i < LocalCredentialSource.MaxIdentities; i++)
        {
            await source.GetAsync(ServiceIdentity.Create("micro.local", "default", $"s{i}"), Token);
        }

        await Assert.ThrowsAsync<CredentialException>(() => source.GetAsync(AuthorityRig.Cart, Token).AsTask());
        await source.GetAsync(ServiceIdentity.Create("micro.local", "default", "s0"), Token);
    }

    [Fact]
    public async Task ID_6_A_new_root_is_trusted_first_then_signs_and_the_old_one_goes_when_its_last_leaf_is_over()
    {
        var (writer, source, other) = (_rig.Open(), _rig.Source(), _rig.Source(seed: 2));
        var old = writer.State.Roots.Single();
        var first = await source.GetAsync(AuthorityRig.Cart, Token);
        await other.GetAsync(AuthorityRig.Mailer, Token);
        await writer.RollAsync(Token);
        Assert.Contains("prepared already", (await Assert.ThrowsAsync<CredentialException>(() => writer.RollAsync(Token))).Message);

        // Prepared: trusted by all within a second, and signing nothing.
        _rig.Time.Advance(TimeSpan.FromSeconds(1));
        var prepared = await source.GetAsync(AuthorityRig.Cart, Token);
        Assert.Equal(2, prepared.Bundle.RootsOf("micro.local").Count);
        Assert.Same(first.Leaf, prepared.Leaf);
        Assert.Equal(old.Fingerprint, writer.Issue(AuthorityRig.Cart).Issuer);
        _rig.Time.Advance(TimeSpan.FromSeconds(58));
        Assert.Equal(old.Fingerprint, writer.Issue(AuthorityRig.Cart).Issuer);

        // Signing: in the same instant everywhere, and nobody is cut off.
        _rig.Time.Advance(TimeSpan.FromSeconds(1));
        var changeover = _rig.Time.GetUtcNow();
        var lastOld = first.Leaf;
        var leaf = writer.Issue(AuthorityRig.Cart);
        Assert.NotEqual(old.Fingerprint, leaf.Issuer);
        Assert.Equal(leaf.Issuer, _rig.Open().Issue(AuthorityRig.Cart).Issuer);
        Assert.True(_rig.Chains(lastOld, (await other.GetAsync(AuthorityRig.Mailer, Token)).Bundle));
        Assert.True(_rig.Chains(leaf.Certificate, (await other.GetAsync(AuthorityRig.Mailer, Token)).Bundle));

        // Trusted until a leaf of 24 hours, signed in the last instant, is over for the slowest clock.
        while (_rig.Time.GetUtcNow() < changeover + TimeSpan.FromHours(24) + TimeSpan.FromSeconds(59))
        {
            Assert.Equal(2, writer.Look().Roots.Length);
            _rig.Time.Advance(TimeSpan.FromSeconds(20));
            var (cart, mailer) = (await source.GetAsync(AuthorityRig.Cart, Token), await other.GetAsync(AuthorityRig.Mailer, Token));
            Assert.True(_rig.Chains(cart.Leaf, mailer.Bundle) && _rig.Chains(mailer.Leaf, cart.Bundle));
        }

        _rig.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(leaf.Issuer, writer.Look().Roots.Single().Fingerprint);
        Assert.Single((await source.GetAsync(AuthorityRig.Cart, Token)).Bundle.RootsOf("micro.local"));
        Assert.Single(Directory.GetFiles(_rig.Directory, "root-*"));
        Assert.Equal(0, _rig.Errors);
    }

    [Fact]
    public async Task ID_6_A_root_past_60_percent_of_its_life_is_followed_by_a_new_one_made_once()
    {
        _rig.AuthorityOptions.RootLifetime = TimeSpan.FromDays(10);
        var authorities = Enumerable.Range(0, 4).Select(_ => _rig.Open()).ToArray();
        _rig.Time.Advance(TimeSpan.FromDays(5.9));
        Assert.All(authorities, authority => Assert.Single(authority.Look().Roots));
        _rig.Time.Advance(TimeSpan.FromDays(0.2));
        await Task.WhenAll(authorities.Select(authority => Task.Run(authority.Look, Token)));
        Assert.All(authorities, authority => Assert.Equal((2, 2L), (authority.Look().Roots.Length, authority.State.Sequence)));
    }

    [Fact]
    public void ID_6_After_a_pause_longer_than_the_life_of_the_root_the_next_one_signs_at_once()
    {
        _rig.Open();
        _rig.Time.Advance(_rig.AuthorityOptions.RootLifetime + TimeSpan.FromDays(1));
        var leaf = _rig.Open().Issue(AuthorityRig.Cart);
        Assert.True(leaf.NotAfter > _rig.Time.GetUtcNow());
    }

    [Fact]
    public async Task ID_7_A_process_that_slept_past_the_end_of_its_leaf_gets_a_new_one_when_asked()
    {
        var source = _rig.Source();
        var first = await source.GetAsync(AuthorityRig.Cart, Token);
        source.Dispose(); // the timer does not come
        _rig.Time.Advance(TimeSpan.FromHours(2));
        var next = await source.GetAsync(AuthorityRig.Cart, Token);
        Assert.True(next.Leaf.NotAfter.ToUniversalTime() > _rig.Time.GetUtcNow().UtcDateTime);
        Assert.True(first.Superseded.IsCancellationRequested);
    }
}
