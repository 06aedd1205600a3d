using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Micro.Security;
using Micro.Tests.Support;
using static Micro.Tests.Support.CertificateDesign;

namespace Micro.Tests.Security;

/// <summary>Handshakes as they are: TLS over TCP, with the options that the transports use.</summary>
public sealed class MutualTlsTests : IDisposable
{
    private readonly TlsRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task ID_1_Both_sides_know_each_other_after_the_handshake()
    {
        var outcome = await _rig.HandshakeAsync(_rig.Credential("shop"), _rig.Credential("greeter"));

        Assert.Null(outcome.ClientFailure);
        Assert.Null(outcome.ServerFailure);
        SvidRig.Accepted(outcome.ClientAsSeen, "spiffe://micro.test/default/shop");
        SvidRig.Accepted(outcome.ServerAsSeen);
    }

    [Fact]
    public async Task ID_1_What_lies_between_leaf_and_root_is_sent_both_ways()
    {
        var upper = Authority.Sign(_rig.Root);
        var lower = Authority.Sign(upper);
        var outcome = await _rig.HandshakeAsync(_rig.Credential("shop", lower, lower, upper), _rig.Credential("greeter", lower, lower, upper));

        SvidRig.Accepted(outcome.ClientAsSeen, "spiffe://micro.test/default/shop");
        SvidRig.Accepted(outcome.ServerAsSeen);
    }

    [Fact]
    public async Task ID_1_A_client_without_a_certificate_is_refused_on_the_record_and_TLS_goes_on()
    {
        var options = _rig.Tls.ClientOptions(_rig.Credential("shop"), ServiceIdentity.Parse(Id), null, TlsRig.Http2);
        options.ClientCertificateContext = null;
        var outcome = await _rig.HandshakeAsync(options, _ => _rig.Credential("greeter"));

        Assert.Null(outcome.ClientFailure);
        SvidRig.Refused("no certificate", outcome.ClientAsSeen);
    }

    [Fact]
    public async Task ID_2_A_client_that_is_not_trusted_is_refused_on_the_record_and_TLS_goes_on()
    {
        var outcome = await _rig.HandshakeAsync(_rig.Credential("shop", Authority.Sign()), _rig.Credential("greeter"));

        Assert.Null(outcome.ClientFailure);
        Assert.Null(outcome.ServerFailure);
        SvidRig.Refused("no root of its trust domain", outcome.ClientAsSeen);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task ID_5_A_server_that_is_another_service_ends_the_handshake_with_the_reason(SslProtocols protocol)
    {
        var options = _rig.Tls.ClientOptions(_rig.Credential("shop"), ServiceIdentity.Create(SvidRig.Domain, "default", "payments"), null, TlsRig.Http2);
        options.EnabledSslProtocols = protocol;
        var outcome = await _rig.HandshakeAsync(options, _ => _rig.Credential("greeter"));

        var failure = Assert.IsType<AuthenticationException>(outcome.ClientFailure);
        Assert.Contains(
            "The server is not spiffe://micro.test/default/payments: spiffe://micro.test/default/greeter: it is not", failure.Message, StringComparison.Ordinal);
        Assert.NotNull(outcome.ServerFailure);
    }

    [Fact]
    public async Task ID_2_A_server_that_is_not_trusted_ends_the_handshake_with_the_reason()
    {
        var outcome = await _rig.HandshakeAsync(_rig.Credential("shop"), _rig.Credential("greeter", Authority.Sign()));

        Assert.Contains("no root of its trust domain", Assert.IsType<AuthenticationException>(outcome.ClientFailure).Message, StringComparison.Ordinal);
        SvidRig.Refused("no root of its trust domain", outcome.ServerAsSeen);
    }

    [Fact]
    public async Task ID_2_A_judge_that_throws_has_refused()
    {
        _rig.Failure = new InvalidOperationException("broken");
        var outcome = await _rig.HandshakeAsync(_rig.Credential("shop"), _rig.Credential("greeter"));
        Assert.Contains("InvalidOperationException: broken", outcome.ClientFailure?.Message, StringComparison.Ordinal);

        var options = _rig.Tls.ClientOptions(_rig.Credential("shop"), ServiceIdentity.Parse(Id), null, TlsRig.Http2);
        options.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        SvidRig.Refused("InvalidOperationException: broken", (await _rig.HandshakeAsync(options, _ => _rig.Credential("greeter"))).ClientAsSeen);
    }

    [Fact]
    public async Task ID_5_The_name_the_client_asks_for_chooses_whom_it_meets()
    {
        var hosted = new Dictionary<string, ServiceCredential>(StringComparer.OrdinalIgnoreCase)
        {
            ["greeter.default"] = _rig.Credential("greeter"),
            ["Price_list.default"] = _rig.Credential("Price_list"),
        };
        foreach (var service in new[] { "greeter", "Price_list" })
        {
            var record = new PeerRecord();
            var options = _rig.Tls.ClientOptions(_rig.Credential("shop"), ServiceIdentity.Create(SvidRig.Domain, "default", service), record, TlsRig.Http2);
            var outcome = await _rig.HandshakeAsync(options, name => hosted.GetValueOrDefault(name!));
            Assert.Null(outcome.ClientFailure);
            SvidRig.Accepted(record.Peer, $"spiffe://micro.test/default/{service}");
        }

        var unknown = _rig.Tls.ClientOptions(_rig.Credential("shop"), ServiceIdentity.Create(SvidRig.Domain, "default", "payments"), null, TlsRig.Http2);
        var refused = await _rig.HandshakeAsync(unknown, name => hosted.GetValueOrDefault(name!));
        Assert.NotNull(refused.ClientFailure);
        Assert.Contains("Nobody here has the name", Assert.IsType<AuthenticationException>(refused.ServerFailure).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task ID_8_Each_handshake_is_judged_anew_on_both_sides(SslProtocols protocol)
    {
        var between = Authority.Sign(_rig.Root);
        var (shop, greeter) = (_rig.Credential("shop", between, between), _rig.Credential("greeter", between, between));
        for (var round = 1; round <= 4; round++)
        {
            var record = new PeerRecord();
            var options = _rig.Tls.ClientOptions(shop, ServiceIdentity.Parse(Id), record, TlsRig.Http2);
            options.EnabledSslProtocols = protocol;
            var outcome = await _rig.HandshakeAsync(options, _ => greeter);
            Assert.Null(outcome.ClientFailure);
            SvidRig.Accepted(outcome.ClientAsSeen, "spiffe://micro.test/default/shop");
            SvidRig.Accepted(record.Peer);
            Assert.Equal(round * 2, _rig.Judged);
        }
    }

    [Fact]
    public async Task ID_8_What_is_revoked_fails_at_the_next_handshake()
    {
        var (shop, greeter) = (_rig.Credential("shop"), _rig.Credential("greeter"));
        SvidRig.Accepted((await _rig.HandshakeAsync(shop, greeter)).ClientAsSeen, "spiffe://micro.test/default/shop");

        var revoking = new TrustBundle(
            [new(SvidRig.Domain, [_rig.Root.Certificate])], revokedSerials: [shop.Leaf.GetSerialNumberString()]);
        var after = new ServiceCredential(greeter.Identity, greeter.Leaf, greeter.Intermediates, revoking, CancellationToken.None);
        SvidRig.Refused("revoked", (await _rig.HandshakeAsync(shop, after)).ClientAsSeen);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ID_9_A_handshake_fetches_nothing_on_either_side(bool sendsIntermediate)
    {
        using var trap = new ConnectionTrap();
        var between = (Authority with { More = [IssuerAt(trap.Url)] }).Sign(_rig.Root);
        ForgedCertificate[] sent = sendsIntermediate ? [between] : [];
        var trapped = new CertificateDesign { More = [IssuerAt(trap.Url)] };
        var client = _rig.Credential(trapped.WithId("spiffe://micro.test/default/shop").Sign(between), sent);
        var server = _rig.Credential(trapped.Sign(between), sent);

        // The server is good, so that the client goes on and the server gets to see the client's certificate; then the other way round.
        var atServer = await _rig.HandshakeAsync(client, _rig.Credential("greeter"));
        var atClient = await _rig.HandshakeAsync(_rig.Credential("shop"), server);

        Assert.Equal(sendsIntermediate, atServer.ClientAsSeen.Refusal is null);
        Assert.Equal(sendsIntermediate, atClient.ServerAsSeen.Refusal is null);
        Assert.InRange(_rig.Judged, 3, 4);
        Assert.Equal(0, trap.Connections);
    }

    [Fact]
    public async Task ID_2_A_hundred_certificates_in_a_handshake()
    {
        var chain = new List<ForgedCertificate>();
        for (var above = _rig.Root; chain.Count < 99; chain.Add(above))
        {
            above = Authority.Sign(above);
        }

        var outcome = await _rig.HandshakeAsync(_rig.Credential("shop", chain[^1], [.. chain]), _rig.Credential("greeter"));
        Assert.Null(outcome.ClientAsSeen.Identity);
    }

    [Fact]
    public async Task ID_2_A_megabyte_of_certificate_in_a_handshake()
    {
        var large = new CertificateDesign { More = [("1.2.3.4", false, new byte[1_000_000])] }.Sign(_rig.Root);
        var outcome = await _rig.HandshakeAsync(_rig.Credential(large), _rig.Credential("greeter"));
        Assert.Null(outcome.ClientAsSeen.Identity);
        Assert.Equal(1, _rig.Judged);
    }

    [Fact]
    public async Task ID_4_A_plaintext_client_on_a_TLS_port_is_ended()
    {
        var record = new PeerRecord();
        var (near, far) = await _rig.ConnectAsync();
        await using (near)
        {
            await near.WriteAsync("GET / HTTP/1.1\r\nHost: greeter\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
            await Assert.ThrowsAsync<AuthenticationException>(
                () => _rig.Tls.AcceptAsync(far, _ => _rig.Credential("greeter"), record, TlsRig.Http2, TestContext.Current.CancellationToken));
            await EndsAsync(near);
        }

        Assert.NotNull(record.Peer.Refusal);
    }

    [Fact]
    public async Task ID_4_A_TLS_client_on_a_plaintext_port_fails()
    {
        var (near, far) = await _rig.ConnectAsync();
        await using (far)
        {
            await far.WriteAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
            await Assert.ThrowsAsync<AuthenticationException>(
                () => _rig.Tls.ConnectAsync(near, _rig.Credential("shop"), ServiceIdentity.Parse(Id), null, TlsRig.Http2, TestContext.Current.CancellationToken));
        }

        Assert.Equal(0, _rig.Judged);
    }

    [Fact]
    public async Task ID_1_A_client_that_stalls_in_the_handshake_is_cut_off()
    {
        var (near, far) = await _rig.ConnectAsync();
        await using (near)
        {
            var accepting = _rig.Tls.AcceptAsync(far, _ => _rig.Credential("greeter"), new PeerRecord(), TlsRig.Http2, TestContext.Current.CancellationToken);
            await near.WriteAsync(new byte[] { 0x16, 3, 1, 2, 0, 1, 0 }, TestContext.Current.CancellationToken);
            _rig.Time.Advance(MutualTls.HandshakeTimeout - TimeSpan.FromMilliseconds(1));
            Assert.False(accepting.IsCompleted);

            _rig.Time.Advance(TimeSpan.FromMilliseconds(1));
            await Assert.ThrowsAsync<TimeoutException>(() => accepting.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
            await EndsAsync(near);
        }
    }

    [Fact]
    public async Task ID_1_A_server_that_stalls_in_the_handshake_is_given_up()
    {
        var (near, far) = await _rig.ConnectAsync();
        await using (far)
        {
            var connecting = _rig.Tls.ConnectAsync(near, _rig.Credential("shop"), ServiceIdentity.Parse(Id), null, TlsRig.Http2, TestContext.Current.CancellationToken);
            _rig.Time.Advance(MutualTls.HandshakeTimeout);
            await Assert.ThrowsAsync<TimeoutException>(() => connecting.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));

            var (other, _) = await _rig.ConnectAsync();
            using var cancelled = new CancellationTokenSource();
            var cancelling = _rig.Tls.ConnectAsync(other, _rig.Credential("shop"), ServiceIdentity.Parse(Id), null, TlsRig.Http2, cancelled.Token);
            await cancelled.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelling);
        }
    }

    [Fact]
    public void ID_9_ID_12_The_options_leave_nothing_to_the_platform()
    {
        var client = _rig.Tls.ClientOptions(_rig.Credential("shop"), ServiceIdentity.Parse(Id), null, TlsRig.Http2);
        var server = _rig.Tls.ServerOptions(null, _ => _rig.Credential("greeter"), new PeerRecord(), TlsRig.Http2);

        Assert.True(server.ClientCertificateRequired);
        Assert.Equal("greeter.default", client.TargetHost);
        Assert.Equal(
            (SslProtocols.Tls12 | SslProtocols.Tls13, X509RevocationMode.NoCheck, false, false),
            (client.EnabledSslProtocols, client.CertificateRevocationCheckMode, client.AllowRenegotiation, client.AllowTlsResume));
        Assert.Equal(
            (SslProtocols.Tls12 | SslProtocols.Tls13, X509RevocationMode.NoCheck, false, false),
            (server.EnabledSslProtocols, server.CertificateRevocationCheckMode, server.AllowRenegotiation, server.AllowTlsResume));
        foreach (var policy in new[] { client.CertificateChainPolicy!, server.CertificateChainPolicy! })
        {
            Assert.Equal((true, X509RevocationMode.NoCheck, X509ChainTrustMode.CustomRootTrust), (policy.DisableCertificateDownloads, policy.RevocationMode, policy.TrustMode));
            Assert.Empty(policy.CustomTrustStore);
        }
    }

    [Fact]
    public void ID_5_Only_a_service_has_a_host()
    {
        Assert.Equal("greeter.default", MutualTls.HostOf(ServiceIdentity.Parse(Id)));
        Assert.Throws<ArgumentException>(() => MutualTls.HostOf(ServiceIdentity.Parse("spiffe://micro.test/greeter")));
    }

    private static async Task EndsAsync(Stream stream)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(10));
        try
        {
            // What a TLS alert says is not looked at, only that the end comes.
            while (await stream.ReadAsync(new byte[256], limit.Token) > 0)
            {
            }
        }
        catch (IOException)
        {
            // The end as a reset.
        }
    }
}
