using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Micro.Security;
using Microsoft.Extensions.DependencyInjection;

namespace Micro.AspNetCore.Tests.Authority;

/// <summary>What an authority does not do, whoever asks, and what a joiner does not tell whoever answers.</summary>
public sealed class AuthorityRefusalTests
{
    private static readonly ServiceIdentity Authority = ServiceIdentity.Parse("spiffe://micro.local/default/micro-authority");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ID_13_Used_foreign_and_unknown_tokens_are_refused_with_the_same_text()
    {
        await using var rig = await AuthorityRig.StartAsync();
        var used = rig.Token(AuthorityRig.Shop);
        await rig.ShopAsync(used);
        var ofCart = rig.Token(AuthorityRig.Cart);
        var unknown = $"mjt1_0123456789abcdef_{new string('A', 43)}{ofCart[65..]}";
        var texts = new HashSet<string>();
        foreach (var (token, home, reason) in new[] { (used, "d", "AlreadyUsed"), (ofCart, "e", "WrongService"), (unknown, "f", "Unknown") })
        {
            var refused = await Assert.ThrowsAsync<CredentialException>(() => rig.ShopAsync(token, home));
            texts.Add(refused.Message);
            Assert.DoesNotContain(token[22..65], refused.ToString());
            Assert.Contains(rig.Server.Log.Lines, line => line.Contains($"was refused: {reason}", StringComparison.Ordinal));
            Assert.DoesNotContain(rig.Server.Log.Lines, line => line.Contains(token[22..65], StringComparison.Ordinal));
        }

        Assert.Contains("The join is refused", Assert.Single(texts));

        // The one for another service was not used up.
        await rig.CartAsync(ofCart);
    }

    [Fact]
    public async Task ID_13_A_token_that_is_over_is_refused()
    {
        await using var rig = await AuthorityRig.StartAsync(null, new KeyValuePair<string, string?>("Micro:Authority:MaxFailedJoins", "100000"));
        var token = rig.Token(AuthorityRig.Shop, TimeSpan.FromSeconds(1));
        await AuthorityRig.UntilAsync(async () =>
        {
            try
            {
                // Another service's name uses nothing up; the reason tells when the time is over.
                await JoinAsync(rig, token, AuthorityRig.Cart, Request());
                return false;
            }
            catch (CredentialException)
            {
                return rig.Server.Log.Lines.Any(line => line.Contains("Expired", StringComparison.Ordinal));
            }
        });
        await Assert.ThrowsAsync<CredentialException>(() => rig.ShopAsync(token));
    }

    [Fact]
    public async Task ID_13_Joins_that_fail_are_counted_and_then_refused_unread()
    {
        await using var rig = await AuthorityRig.StartAsync(null, new KeyValuePair<string, string?>("Micro:Authority:MaxFailedJoins", "3"));
        var token = rig.Token(AuthorityRig.Shop);
        for (var i = 0; i < 3; i++)
        {
            Assert.Contains("The join is refused", (await Assert.ThrowsAsync<CredentialException>(() => JoinAsync(rig, token, AuthorityRig.Cart, Request()))).Message);
        }

        Assert.Contains("Too many", (await Assert.ThrowsAsync<CredentialException>(() => JoinAsync(rig, token, AuthorityRig.Shop, Request()))).Message);
    }

    [Fact]
    public async Task ID_13_A_request_gets_its_key_signed_and_nothing_else_it_asks_for()
    {
        await using var rig = await AuthorityRig.StartAsync();
        var request = Request(extensions =>
        {
            extensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
            extensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
            var names = new SubjectAlternativeNameBuilder();
            names.AddUri(new Uri(Authority.ToString()));
            names.AddDnsName("bank.example");
            extensions.Add(names.Build());
        });
        var answer = await JoinAsync(rig, rig.Token(AuthorityRig.Shop), AuthorityRig.Shop, request, lifetimeSeconds: 1e9);
        using var leaf = X509CertificateLoader.LoadCertificate(answer.Chain[0]);
        Assert.Equal(AuthorityRig.Shop.ToString(), SpiffeNames.Read(leaf));
        Assert.DoesNotContain("bank.example", Encoding.Latin1.GetString(leaf.RawData));
        Assert.False(leaf.Extensions.OfType<X509BasicConstraintsExtension>().Single().CertificateAuthority);
        Assert.Equal(X509KeyUsageFlags.DigitalSignature, leaf.Extensions.OfType<X509KeyUsageExtension>().Single().KeyUsages);
        Assert.True(leaf.NotAfter - leaf.NotBefore <= TimeSpan.FromHours(24) + TimeSpan.FromMinutes(2));
    }

    [Fact]
    public async Task ID_13_A_bad_request_uses_no_token_up_and_nobody_becomes_the_authority()
    {
        await using var rig = await AuthorityRig.StartAsync();
        var token = rig.Token(AuthorityRig.Shop);
        var foreign = Request();
        foreign[^5] ^= 1;
        await Assert.ThrowsAsync<CredentialException>(() => JoinAsync(rig, token, AuthorityRig.Shop, foreign));
        await Assert.ThrowsAsync<CredentialException>(() => JoinAsync(rig, token, AuthorityRig.Shop, []));
        await Assert.ThrowsAsync<CredentialException>(() => JoinAsync(rig, rig.Token(Authority), Authority, Request()));

        await rig.Authority.RevokeAsync(AuthorityRig.Shop, Token);
        await Assert.ThrowsAsync<CredentialException>(() => JoinAsync(rig, token, AuthorityRig.Shop, Request()));
        await rig.Authority.RestoreAsync(AuthorityRig.Shop, Token);
        Assert.NotEmpty((await JoinAsync(rig, token, AuthorityRig.Shop, Request())).Chain);
    }

    [Fact]
    public async Task ID_13_A_leaf_is_renewed_only_for_the_service_that_shows_one()
    {
        await using var rig = await AuthorityRig.StartAsync();
        var shop = await rig.ShopAsync(rig.Token(AuthorityRig.Shop));
        var credential = await shop.Credentials.GetAsync(AuthorityRig.Shop, Token);
        var refused = await Assert.ThrowsAsync<CredentialException>(() => RenewAsync(rig, credential, AuthorityRig.Cart));
        Assert.Contains("only for the service that asks", refused.Message);
        using var leaf = X509CertificateLoader.LoadCertificate((await RenewAsync(rig, credential, AuthorityRig.Shop)).Chain[0]);
        Assert.Equal(AuthorityRig.Shop.ToString(), SpiffeNames.Read(leaf));
    }

    [Theory]
    [InlineData("POST", "/micro.Authority/Renew")]
    [InlineData("POST", "/micro.Authority/Bundle")]
    [InlineData("POST", "/micro.Reflection/Describe")]
    [InlineData("POST", "/micro.Authority/join")]
    [InlineData("GET", "/micro.Authority/Join")]
    [InlineData("GET", "/health")]
    [InlineData("GET", "/")]
    public async Task ID_4_Where_no_certificate_is_needed_nothing_but_joining_is_served(string method, string path)
    {
        await using var rig = await AuthorityRig.StartAsync();
        using var client = new HttpClient(new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true } });
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri($"https://127.0.0.1:{rig.JoinAddress.Port}{path}"));
        request.Content = method == "GET" ? null : new StringContent("{}", null, "application/json");
        using var response = await client.SendAsync(request, Token);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Contains("Nothing is served here but joining", await response.Content.ReadAsStringAsync(Token));
    }

    [Fact]
    public async Task ID_13_A_server_with_other_roots_is_sent_no_token()
    {
        await using var rig = await AuthorityRig.StartAsync();
        var other = new Testing.Security.TestCertificateAuthority("micro.local");
        await using var server = new FakeAuthority(other.Issue("micro-authority", "default").Leaf, [other.Certificate.RawData]);
        await RefusesToSendAsync(rig, server, "no root with the token's fingerprint");
        Assert.Equal(1, server.Handshakes);
    }

    [Fact]
    public async Task ID_13_A_server_that_knows_the_root_and_has_no_key_of_it_is_sent_no_token()
    {
        await using var rig = await AuthorityRig.StartAsync();
        var other = new Testing.Security.TestCertificateAuthority("micro.local");
        await using var server = new FakeAuthority(other.Issue("micro-authority", "default").Leaf, [rig.Authority.State.Roots[0].Certificate.RawData]);
        await RefusesToSendAsync(rig, server, "The server is not spiffe://micro.local/default/micro-authority");
    }

    [Fact]
    public async Task ID_13_A_service_that_is_not_the_authority_is_sent_no_token()
    {
        await using var rig = await AuthorityRig.StartAsync();
        await using var server = new FakeAuthority(rig.Authority.Issue(AuthorityRig.Cart).Certificate, [rig.Authority.State.Roots[0].Certificate.RawData]);
        await RefusesToSendAsync(rig, server, "The server is not spiffe://micro.local/default/micro-authority");
    }

    private static async Task RefusesToSendAsync(AuthorityRig rig, FakeAuthority server, string reason)
    {
        var token = rig.Token(AuthorityRig.Shop);
        var refused = await Assert.ThrowsAsync<CredentialException>(() => ClientOf(TimeProvider.System).JoinAsync(
            [server.Address], PinnedJoinToken.Read(token), AuthorityRig.Shop, TimeSpan.FromHours(1), Token));
        Assert.Contains(reason, refused.Message);
        Assert.DoesNotContain(token[22..65], refused.ToString());
        var received = Encoding.Latin1.GetString(server.Received);
        Assert.Contains("/micro.Authority/Roots", received);
        Assert.DoesNotContain("/micro.Authority/Join", received);
        Assert.DoesNotContain("mjt1", received);
    }

    private static AuthorityClient ClientOf(TimeProvider time) => new(new AuthorityRequests(Authority, time), new SvidValidator(time), time);

    private static byte[] Request(Action<System.Collections.ObjectModel.Collection<X509Extension>>? add = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=anything", key, HashAlgorithmName.SHA256);
        add?.Invoke(request.CertificateExtensions);
        return request.CreateSigningRequest();
    }

    /// <summary>A join with a request of the test's own making.</summary>
    private static Task<AuthorityLeaf> JoinAsync(AuthorityRig rig, string token, ServiceIdentity identity, byte[] request, double? lifetimeSeconds = null)
    {
        var options = new JoinTls(new SvidValidator(TimeProvider.System)).ClientOptions(rig.Authority.State.Bundle, Authority);
        return new AuthorityRequests(Authority, TimeProvider.System).PostAsync(
            [rig.JoinAddress],
            "Join",
            AuthorityRequests.JsonContentOf.Of(new AuthorityJoin(PinnedJoinToken.Read(token).Token, identity.ToString(), request, lifetimeSeconds), AuthorityMessagesJson.Default.AuthorityJoin),
            AuthorityMessagesJson.Default.AuthorityLeaf,
            async (stream, limit) =>
            {
                var secure = new SslStream(stream);
                await secure.AuthenticateAsClientAsync(options, limit);
                return secure;
            },
            null,
            Token);
    }

    private static Task<AuthorityLeaf> RenewAsync(AuthorityRig rig, ServiceCredential credential, ServiceIdentity identity)
    {
        var tls = new MutualTls(new SvidValidator(TimeProvider.System), TimeProvider.System);
        return new AuthorityRequests(Authority, TimeProvider.System).PostAsync(
            [rig.MeshAddress],
            "Renew",
            AuthorityRequests.JsonContentOf.Of(new AuthorityRenewal(identity.ToString(), Request()), AuthorityMessagesJson.Default.AuthorityRenewal),
            AuthorityMessagesJson.Default.AuthorityLeaf,
            async (stream, limit) => await tls.ConnectAsync(stream, credential, Authority, null, [SslApplicationProtocol.Http11], limit),
            null,
            Token);
    }
}
