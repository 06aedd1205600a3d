using Micro.Security;
using Microsoft.Extensions.DependencyInjection;

namespace Micro.AspNetCore.Tests.Authority;

/// <summary>An authority and services on machines of their own: joining, calling, renewing, being cut off.</summary>
public sealed class AuthorityMachinesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ID_13_Two_machines_join_with_a_token_each_and_call_each_other_as_who_they_are()
    {
        await using var rig = await AuthorityRig.StartAsync();
        var port = Hosting.ListenTests.FreePort();
        var cart = await rig.CartAsync(rig.Token(AuthorityRig.Cart), port: port);
        var token = rig.Token(AuthorityRig.Shop);
        var shop = await rig.ShopAsync(token, port: port);

        Assert.Equal(AuthorityRig.Shop.ToString(), await WhoAsync(shop));
        var (one, other) = (await LeafAsync(cart, AuthorityRig.Cart), await LeafAsync(shop, AuthorityRig.Shop));
        Assert.NotEqual(one.Leaf.SerialNumber, other.Leaf.SerialNumber);
        Assert.Equal(rig.Authority.State.Sequence, other.Bundle.Sequence);
        foreach (var log in new[] { rig.Server.Log, cart.Log, shop.Log })
        {
            Assert.DoesNotContain(log.Lines, line => line.Contains(token[22..60], StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task ID_13_A_service_of_another_namespace_says_where_the_authority_is()
    {
        await using var rig = await AuthorityRig.StartAsync();
        var team = ServiceIdentity.Parse("spiffe://micro.local/team/shop");
        var token = rig.Token(team);
        KeyValuePair<string, string?> own = new("Micro:Security:Namespace", "team");
        var refused = await Assert.ThrowsAsync<CredentialException>(() => rig.ShopAsync(token, settings: own));
        Assert.Contains("not spiffe://micro.local/team/micro-authority", refused.Message);

        var shop = await rig.ShopAsync(token, settings: [own, new("Micro:Security:Authority:Namespace", "default")]);
        Assert.Equal(team, (await LeafAsync(shop, team)).Identity);
    }

    [Fact]
    public async Task ID_11_A_restart_needs_no_token_and_what_is_kept_is_closed_to_others()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Modes are of Unix.");
        await using var rig = await AuthorityRig.StartAsync();
        var shop = await rig.ShopAsync(rig.Token(AuthorityRig.Shop));
        var serial = (await LeafAsync(shop, AuthorityRig.Shop)).Leaf.SerialNumber;
        await shop.DisposeAsync();
        var kept = Path.Combine(rig.Home("c"), "joined", "micro.local", "default", "shop.identity");
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(kept));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(kept)!));
        }

        var token = rig.Token(AuthorityRig.Shop);
        await rig.StopServingAsync();
        var again = await rig.ShopAsync(null);
        Assert.Equal(serial, (await LeafAsync(again, AuthorityRig.Shop)).Leaf.SerialNumber);
        await again.DisposeAsync();

        File.Delete(kept);
        var without = await Assert.ThrowsAsync<CredentialException>(() => rig.ShopAsync(null));
        Assert.Contains("micro authority token shop", without.Message);
        var away = await Assert.ThrowsAsync<CredentialException>(() => rig.ShopAsync(token));
        Assert.Contains(rig.JoinAddress.ToString(), away.Message);
    }

    [Fact]
    public async Task ID_13_Processes_that_share_a_home_and_start_at_once_use_one_token_once()
    {
        await using var rig = await AuthorityRig.StartAsync();
        var token = rig.Token(AuthorityRig.Shop);
        var machines = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => rig.ShopAsync(token))));
        var serials = await Task.WhenAll(machines.Select(async machine => (await LeafAsync(machine, AuthorityRig.Shop)).Leaf.SerialNumber));
        Assert.Single(serials.Distinct());
    }

    [Fact]
    public async Task ID_7_Leaves_are_renewed_and_no_call_fails_meanwhile()
    {
        await using var rig = await AuthorityRig.StartAsync(TimeSpan.FromSeconds(4));
        var port = Hosting.ListenTests.FreePort();
        var cart = await rig.CartAsync(rig.Token(AuthorityRig.Cart), port: port);
        var shop = await rig.ShopAsync(rig.Token(AuthorityRig.Shop), port: port);
        var (carts, shops) = (new HashSet<string>(), new HashSet<string>());
        await AuthorityRig.UntilAsync(async () =>
        {
            Assert.Equal(AuthorityRig.Shop.ToString(), await WhoAsync(shop));
            carts.Add((await LeafAsync(cart, AuthorityRig.Cart)).Leaf.SerialNumber);
            shops.Add((await LeafAsync(shop, AuthorityRig.Shop)).Leaf.SerialNumber);
            return carts.Count > 3 && shops.Count > 3;
        });
    }

    [Fact]
    public async Task ID_7_A_root_that_is_rolled_reaches_everybody_and_no_call_fails()
    {
        await using var rig = await AuthorityRig.StartAsync(TimeSpan.FromSeconds(4));
        var port = Hosting.ListenTests.FreePort();
        await rig.CartAsync(rig.Token(AuthorityRig.Cart), port: port);
        var shop = await rig.ShopAsync(rig.Token(AuthorityRig.Shop), port: port);
        await rig.Authority.RollAsync(Token);
        var next = rig.Authority.State.Roots[^1].Certificate.SubjectName.Name;
        await AuthorityRig.UntilAsync(async () =>
        {
            Assert.Equal(AuthorityRig.Shop.ToString(), await WhoAsync(shop));
            return (await LeafAsync(shop, AuthorityRig.Shop)).Leaf.IssuerName.Name == next;
        });
    }

    [Fact]
    public async Task ID_8_An_identity_that_is_revoked_is_refused_by_its_peers_and_taken_back_when_restored()
    {
        await using var rig = await AuthorityRig.StartAsync();
        var port = Hosting.ListenTests.FreePort();
        await rig.CartAsync(rig.Token(AuthorityRig.Cart), port: port);
        var shop = await rig.ShopAsync(rig.Token(AuthorityRig.Shop), port: port);
        Assert.Equal(AuthorityRig.Shop.ToString(), await WhoAsync(shop));

        await rig.Authority.RevokeAsync(AuthorityRig.Shop, Token);
        await AuthorityRig.UntilAsync(async () => await CodeAsync(shop) == CallStatusCode.Unauthenticated);

        await rig.Authority.RestoreAsync(AuthorityRig.Shop, Token);
        await AuthorityRig.UntilAsync(async () => await CodeAsync(shop) == CallStatusCode.Ok);
    }

    [Fact]
    public async Task ID_10_Without_the_authority_the_last_leaf_is_kept_until_it_expires_and_then_the_error_says_so()
    {
        await using var rig = await AuthorityRig.StartAsync(TimeSpan.FromSeconds(5));
        var shop = await rig.ShopAsync(rig.Token(AuthorityRig.Shop));
        await rig.StopServingAsync();
        var last = await LeafAsync(shop, AuthorityRig.Shop);
        var expired = "";
        await AuthorityRig.UntilAsync(async () =>
        {
            try
            {
                last = await LeafAsync(shop, AuthorityRig.Shop);
                return false;
            }
            catch (CredentialException e)
            {
                expired = e.Message;
                return true;
            }
        });
        Assert.True(last.Leaf.NotAfter.ToUniversalTime() <= TimeProvider.System.GetUtcNow().UtcDateTime);
        Assert.Contains("expired at", expired);
        Assert.Contains(rig.MeshAddress.ToString(), expired);
        Assert.Contains(shop.Log.Lines, line => line.StartsWith("Error", StringComparison.Ordinal) && line.Contains("cannot be followed", StringComparison.Ordinal));

        // Clocks may be a minute apart, so the leaf still gets another one when the authority is back soon.
        await rig.ServeAsync();
        await AuthorityRig.UntilAsync(async () =>
        {
            try
            {
                return (await LeafAsync(shop, AuthorityRig.Shop)).Leaf.SerialNumber != last.Leaf.SerialNumber;
            }
            catch (CredentialException)
            {
                return false;
            }
        });
    }

    private static Task<string> WhoAsync(Machine machine) => machine.Services.GetRequiredService<ICart>().WhoAsync("", new CallContext(null, Token));

    private static async Task<CallStatusCode> CodeAsync(Machine machine)
    {
        try
        {
            await WhoAsync(machine);
            return CallStatusCode.Ok;
        }
        catch (CallException e)
        {
            return e.Status.Code;
        }
    }

    private static async Task<ServiceCredential> LeafAsync(Machine machine, ServiceIdentity identity) => await machine.Credentials.GetAsync(identity, Token);
}
