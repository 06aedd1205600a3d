using global::Grpc.Core;
using Micro.Grpc.Security;
using Micro.Security;
using Micro.Testing.Security;
using Micro.Tests.Support;

namespace Micro.Grpc.Tests.Security;

/// <summary>What an agent says is taken over, and kept while it says nothing.</summary>
public sealed class WorkloadFollowTests : IAsyncLifetime
{
    private readonly WorkloadRig _rig = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _rig.Agent.StartAsync();
        _rig.Agent.Say(_rig.Response("cart"));
    }

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    // The agent refuses calls without the header workload.spiffe.io, so this is the test that it is sent.
    [Fact]
    public async Task ID_7_The_first_message_gives_leaf_key_and_bundle_over_one_stream_with_the_header()
    {
        var source = _rig.Open();
        await source.FirstAsync(Token);
        var credential = await source.GetAsync(WorkloadRig.Cart, Token);
        Assert.Equal(WorkloadRig.Cart, credential.Identity);
        Assert.True(credential.Leaf.HasPrivateKey);
        Assert.Equal(["micro.local"], credential.Bundle.TrustDomains);
        Assert.Equal(_rig.Authority.Certificate.Thumbprint, Assert.Single(credential.Bundle.RootsOf("micro.local")).Thumbprint);
        Assert.True(source.GetAsync(WorkloadRig.Cart, Token).IsCompletedSuccessfully);
        Assert.Single(_rig.Agent.Calls);
        Assert.Equal((1, 0), (_rig.Agent.OpenStreams, _rig.Failures));
    }

    [Fact]
    public async Task ID_7_A_new_leaf_or_bundle_is_taken_over_and_the_one_before_is_superseded()
    {
        var source = _rig.Open();
        var first = await source.GetAsync(WorkloadRig.Cart, Token);
        _rig.Agent.Say(_rig.Response("cart"));
        await _rig.SupersededAsync(first);
        var next = await source.GetAsync(WorkloadRig.Cart, Token);
        Assert.NotEqual(first.Leaf.SerialNumber, next.Leaf.SerialNumber);
        Assert.True(next.Bundle.Sequence > first.Bundle.Sequence);

        // Only the bundle: a root is prepared.
        var second = new TestCertificateAuthority("micro.local", _rig.Time);
        var svid = WorkloadRig.Svid(next);
        svid.Bundle = WorkloadRig.Der(_rig.Authority.Certificate, second.Certificate);
        _rig.Agent.Say(new X509SVIDResponse { Svids = { svid } });
        await _rig.SupersededAsync(next);
        var last = await source.GetAsync(WorkloadRig.Cart, Token);
        Assert.Equal(next.Leaf.SerialNumber, last.Leaf.SerialNumber);
        Assert.Equal(2, last.Bundle.RootsOf("micro.local").Count);
        Assert.Single(_rig.Agent.Calls);
    }

    [Fact]
    public async Task ID_7_Only_what_changed_is_superseded()
    {
        var cart = WorkloadRig.Svid(_rig.Authority.Issue("cart"));
        _rig.Agent.Say(new X509SVIDResponse { Svids = { cart, WorkloadRig.Svid(_rig.Authority.Issue("mailer")) } });
        var source = _rig.Open();
        var (first, other) = (await source.GetAsync(WorkloadRig.Cart, Token), await source.GetAsync(WorkloadRig.Mailer, Token));
        _rig.Agent.Say(new X509SVIDResponse { Svids = { cart, WorkloadRig.Svid(_rig.Authority.Issue("mailer")) } });
        await _rig.SupersededAsync(other);
        Assert.Same(first, await source.GetAsync(WorkloadRig.Cart, Token));
        Assert.False(first.Superseded.IsCancellationRequested);
    }

    [Fact]
    public async Task ID_13_Of_several_identities_each_service_gets_its_own_and_another_is_refused_by_name()
    {
        _rig.Agent.Say(_rig.Response("mailer", "cart"));
        var source = _rig.Open();
        Assert.Equal(WorkloadRig.Cart, (await source.GetAsync(WorkloadRig.Cart, Token)).Identity);
        Assert.Equal(WorkloadRig.Mailer, (await source.GetAsync(WorkloadRig.Mailer, Token)).Identity);
        var error = await WorkloadRig.RefusedAsync(source, ServiceIdentity.Parse("spiffe://micro.local/default/orders"));
        Assert.Contains("gives this process 'spiffe://micro.local/default/cart', 'spiffe://micro.local/default/mailer', and 'spiffe://micro.local/default/orders' is asked for", error.Message);
    }

    [Fact]
    public async Task ID_8_An_identity_that_is_missing_from_a_message_is_used_no_more()
    {
        _rig.Agent.Say(_rig.Response("mailer", "cart"));
        var source = _rig.Open();
        var mailer = await source.GetAsync(WorkloadRig.Mailer, Token);
        _rig.Agent.Say(_rig.Response("cart"));
        await _rig.SupersededAsync(mailer);
        await WorkloadRig.RefusedAsync(source, WorkloadRig.Mailer);
        await source.GetAsync(WorkloadRig.Cart, Token);
        Assert.Equal(1, _rig.Logged($"took {WorkloadRig.Mailer} back"));
    }

    [Fact]
    public async Task ID_3_Federated_bundles_vouch_for_their_own_trust_domain_until_a_message_has_none()
    {
        var (other, plain) = (new TestCertificateAuthority("other.test", _rig.Time), new TestCertificateAuthority("plain.test", _rig.Time));
        var response = _rig.Response("cart");
        response.FederatedBundles.Add("spiffe://other.test", WorkloadRig.Der(other.Certificate));
        response.FederatedBundles.Add("plain.test", WorkloadRig.Der(plain.Certificate));
        _rig.Agent.Say(response);
        var source = _rig.Open();
        var first = await source.GetAsync(WorkloadRig.Cart, Token);
        Assert.Equal(["micro.local", "other.test", "plain.test"], first.Bundle.TrustDomains.Order());
        Assert.Equal(other.Certificate.Thumbprint, Assert.Single(first.Bundle.RootsOf("other.test")).Thumbprint);
        Assert.Equal(_rig.Authority.Certificate.Thumbprint, Assert.Single(first.Bundle.RootsOf("micro.local")).Thumbprint);
        response.FederatedBundles.Clear();
        _rig.Agent.Say(response);
        await _rig.SupersededAsync(first);
        Assert.Equal(["micro.local"], (await source.GetAsync(WorkloadRig.Cart, Token)).Bundle.TrustDomains);
    }

    [Fact]
    public async Task ID_7_Intermediates_a_second_hint_and_fields_of_later_versions_are_no_trouble()
    {
        var issued = _rig.Authority.CreateIntermediate().Issue("cart");
        var (first, second) = (WorkloadRig.Svid(issued), WorkloadRig.Svid(_rig.Authority.Issue("cart")));
        (first.Hint, second.Hint) = ("internal", "external");
        byte[] later = [0x98, 0x06, 0x01, 0xa1, 0x06, 1, 2, 3, 4, 5, 6, 7, 8, 0xad, 0x06, 1, 2, 3, 4, 0xa2, 0x06, 1, 9];
        _rig.Agent.Say([.. later, .. Google.Protobuf.MessageExtensions.ToByteArray(new X509SVIDResponse { Svids = { first, second } }), .. later]);
        var credential = await _rig.Open().GetAsync(WorkloadRig.Cart, Token);
        Assert.Equal(issued.Leaf.SerialNumber, credential.Leaf.SerialNumber);
        Assert.Equal(issued.Intermediates.Select(one => one.Thumbprint), credential.Intermediates.Select(one => one.Thumbprint));
    }

    [Fact]
    public async Task ID_8_Revocation_lists_are_warned_of_once_as_they_are_not_used()
    {
        var response = _rig.Response("cart");
        response.Crl.Add(Google.Protobuf.ByteString.CopyFrom(1));
        _rig.Agent.Say(response);
        var source = _rig.Open();
        var first = await source.GetAsync(WorkloadRig.Cart, Token);
        response.Svids[0] = WorkloadRig.Svid(_rig.Authority.Issue("cart"));
        _rig.Agent.Say(response);
        await _rig.SupersededAsync(first);
        await Wait.UntilAsync(() => _rig.Logged("revocation lists") == 1, "it is warned of");
    }

    [Fact]
    public async Task ID_7_An_agent_that_restarts_is_followed_again_and_nothing_is_lost_meanwhile()
    {
        var source = _rig.Open();
        var first = await source.GetAsync(WorkloadRig.Cart, Token);
        await _rig.Agent.KillAsync();
        await _rig.TurnUntilAsync(() => _rig.Logged("cannot be reached") > 0, "it is noticed");
        Assert.Same(first, await source.GetAsync(WorkloadRig.Cart, Token));
        Assert.False(first.Superseded.IsCancellationRequested);

        // It knows nothing yet, then what it knew before, then something new.
        await _rig.Agent.StartAsync();
        _rig.Agent.Say(StatusCode.PermissionDenied);
        await _rig.TurnUntilAsync(() => _rig.Logged("issues no identity") > 0, "the agent is asked");
        Assert.Same(first, await source.GetAsync(WorkloadRig.Cart, Token));
        _rig.Agent.Say(_rig.Response("cart"));
        await _rig.TurnUntilAsync(() => first.Superseded.IsCancellationRequested, "the new leaf is there");
        Assert.NotEqual(first.Leaf.SerialNumber, (await source.GetAsync(WorkloadRig.Cart, Token)).Leaf.SerialNumber);
    }

    [Fact]
    public async Task ID_10_The_last_good_leaf_is_not_handed_out_when_it_is_over()
    {
        var source = _rig.Open();
        await source.GetAsync(WorkloadRig.Cart, Token);
        await _rig.Agent.KillAsync();
        await _rig.TurnUntilAsync(() => _rig.Logged("cannot be reached") > 0, "it is noticed");
        _rig.Time.Advance(TimeSpan.FromHours(2));
        var error = await WorkloadRig.RefusedAsync(source, WorkloadRig.Cart);
        Assert.Contains("expired at", error.Message);
        Assert.Contains("cannot be reached", error.Message);
    }

    [Fact]
    public async Task ID_8_Identities_taken_back_on_an_open_stream_are_used_no_more_until_they_are_given_again()
    {
        var source = _rig.Open();
        var first = await source.GetAsync(WorkloadRig.Cart, Token);
        _rig.Agent.Say(StatusCode.PermissionDenied);
        await _rig.SupersededAsync(first);
        var error = await WorkloadRig.RefusedAsync(source, WorkloadRig.Cart);
        Assert.Contains("took the identities of this process back", error.Message);
        Assert.Contains("Register it there", error.Message);
        _rig.Agent.Say(_rig.Response("cart"));
        await _rig.TurnUntilAsync(() => source.GetAsync(WorkloadRig.Cart, Token) is { IsCompletedSuccessfully: true }, "it is given again");
    }

    [Fact]
    public async Task ID_7_Between_tries_the_pause_doubles_up_to_half_a_minute()
    {
        _rig.Agent.Say(StatusCode.Unavailable, "initializing");
        _rig.Open();
        await _rig.TurnUntilAsync(() => _rig.Agent.Calls.Count >= 10, "ten tries", seconds: 1);
        var times = _rig.Agent.Calls.ToArray();
        for (var i = 1; i < 10; i++)
        {
            var least = Math.Min(30, 0.25 * Math.Pow(2, i - 1)) * 0.8;
            Assert.True((times[i] - times[i - 1]).TotalSeconds >= least - 0.001, $"Try {i} came after {times[i] - times[i - 1]}, not {least} s.");
        }

        Assert.Equal(1, _rig.Logged("initializing")); // told once
    }

    [Fact]
    public async Task ID_7_A_stream_on_which_nothing_comes_is_given_up()
    {
        _rig.Options.StartTimeout = TimeSpan.FromSeconds(10);
        var source = _rig.Open();
        var first = await source.GetAsync(WorkloadRig.Cart, Token);
        await _rig.Agent.KillAsync();
        await _rig.Agent.StartAsync(); // and says nothing
        await _rig.TurnUntilAsync(() => _rig.Logged("says nothing") > 0, "it is noticed");
        Assert.Same(first, await source.GetAsync(WorkloadRig.Cart, Token));
        await _rig.TurnUntilAsync(() => _rig.Agent.Calls.Count >= 3, "it is asked again");
    }

    [Fact]
    public async Task ID_7_Disposing_ends_the_stream_the_socket_and_the_loop()
    {
        for (var i = 0; i < 20; i++)
        {
            var source = _rig.Open();
            await source.GetAsync(WorkloadRig.Cart, Token);
            if (i % 2 == 0)
            {
                await source.DisposeAsync();
            }
            else
            {
                source.Dispose();
            }
        }

        await Wait.UntilAsync(() => _rig.Agent is { OpenStreams: 0, OpenConnections: 0 }, "all is closed");
        Assert.Equal(20, _rig.Agent.Calls.Count);
        Assert.Equal(0, _rig.Failures); // being stopped is no failure
    }

    [Fact]
    public async Task ID_7_Disposing_ends_a_pause_and_those_who_wait()
    {
        await _rig.Agent.KillAsync();
        var source = _rig.Open();
        var waiting = source.GetAsync(WorkloadRig.Cart, Token).AsTask();
        await Wait.UntilAsync(() => _rig.Logged("cannot be reached") == 1, "it pauses");
        await source.DisposeAsync();
        Assert.Contains("The process stops", (await Assert.ThrowsAsync<CredentialException>(() => waiting)).Message);
        using var cancelled = new CancellationTokenSource();
        var other = _rig.Open().GetAsync(WorkloadRig.Cart, cancelled.Token).AsTask();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => other);
    }

    [Fact]
    public async Task ID_7_The_tcp_form_of_the_address_works_as_well()
    {
        int port;
        using (var probe = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0))
        {
            probe.Start();
            port = ((System.Net.IPEndPoint)probe.LocalEndpoint).Port;
        }

        await using var agent = new WorkloadAgent(_rig.Time, $"tcp://127.0.0.1:{port}");
        await agent.StartAsync();
        agent.Say(_rig.Response("cart"));
        _rig.Options.Endpoint = agent.Endpoint;
        Assert.Equal(WorkloadRig.Cart, (await _rig.Open().GetAsync(WorkloadRig.Cart, Token)).Identity);
        Assert.Single(agent.Calls);
    }
}
