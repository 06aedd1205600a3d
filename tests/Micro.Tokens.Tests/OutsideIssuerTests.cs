using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Micro.Security;
using Micro.Tokens.Keys;
using Micro.Tokens.Tests.Support;
using Micro.Tokens.Verification;

namespace Micro.Tokens.Tests;

[Collection("connections")]
public sealed class OutsideIssuerTests : IDisposable
{
    private const string Name = "https://login.example";

    private readonly OutsideIssuer _outside = new(Name);
    private readonly List<TokenRig> _rigs = [];

    private static CancellationToken Token => TokenRig.Token;

    public void Dispose()
    {
        _outside.Dispose();
        _rigs.ForEach(rig => rig.Dispose());
    }

    [Theory]
    [InlineData("RS256")]
    [InlineData("RS384")]
    [InlineData("RS512")]
    [InlineData("PS256")]
    [InlineData("PS384")]
    [InlineData("PS512")]
    [InlineData("ES256")]
    [InlineData("ES384")]
    [InlineData("ES512")]
    public void Every_algorithm_of_the_list_is_verified_with_its_key(string algorithm)
    {
        var rig = Rig(options => options.Keys = _outside.KeySet());
        Assert.True(rig.Ask(_outside.Sign(algorithm)).IsAccepted);
        rig.Refuses(_outside.Sign(algorithm)[..^4] + "AAAA");
    }

    [Fact]
    public void TOK_1_A_key_that_names_its_algorithm_verifies_no_other()
    {
        var rig = Rig(options => options.Keys = _outside.KeySet(rsaAlgorithm: "PS256"));
        Assert.True(rig.Ask(_outside.Sign("PS256")).IsAccepted);
        rig.Refuses(_outside.Sign("RS256"), because: "fit");
        rig.Refuses(_outside.Sign("ES256", kid: "rsa"), because: "fit");
        rig.Refuses(_outside.Sign("RS256", kid: "ES256"), because: "fit");
    }

    [Fact]
    public void TOK_1_A_key_of_one_issuer_verifies_nothing_of_another()
    {
        using var evil = new OutsideIssuer("https://evil.example");
        var rig = Rig(options => options.Keys = _outside.KeySet(), more => more.Issuers.Add(new OutsideIssuerOptions { Issuer = evil.Name, Keys = evil.KeySet() }));
        Assert.True(rig.Ask(evil.Sign("ES256")).IsAccepted);
        rig.Refuses(evil.Sign("ES256", claims: claims => claims["iss"] = Name), because: "signature");
        rig.Refuses(evil.Sign("ES256", claims: claims => claims["iss"] = "micro.local"), because: "key");
        rig.Refuses(evil.Sign("ES256", claims: claims => claims["iss"] = Name + "/"), because: "issuer");
    }

    [Theory]
    [InlineData("scope", "\"a b\"", "a b")]
    [InlineData("scp", "\"a b\"", "a b")]
    [InlineData("scp", "[\"a\",\"b\"]", "a b")]
    [InlineData("scope", "[\"a\",\"\",7]", "a")]
    [InlineData("scope", "{\"a\":1}", "")]
    [InlineData("roles", "[\"a\"]", "")]
    public void Claims_become_an_account(string claim, string value, string scopes)
    {
        var rig = Rig(options =>
        {
            options.Keys = _outside.KeySet();
            options.AccountType = "customer";
            options.MetadataClaims.Add("email");
            options.MetadataClaims.Add("age");
        });
        var account = rig.Ask(_outside.Sign("ES256", claims: claims =>
        {
            claims[claim] = JsonNode.Parse(value);
            claims["email"] = "ada@example.org";
            claims["age"] = 36;
            claims["name"] = "Ada";
            claims["type"] = "admin";
        })).Account!;
        Assert.Equal(("u1", "customer", Name), (account.Id, account.Type, account.Issuer));
        Assert.Equal(scopes, string.Join(' ', account.Scopes.Order()));
        Assert.Equal([new("email", "ada@example.org")], account.Metadata);
    }

    [Fact]
    public void An_issuer_may_have_an_audience_a_type_and_a_prefix_of_its_own()
    {
        var rig = Rig(options =>
        {
            options.Keys = _outside.KeySet();
            options.Audience = "api://orders";
            options.TokenType = "at+jwt";
            options.ScopePrefix = "ext:";
        });
        string Sign(string? type, string audience) => _outside.Sign("RS256", type: type, claims: claims => (claims["aud"], claims["scope"]) = (audience, "admin"));
        Assert.Equal(["ext:admin"], rig.Ask(Sign("at+jwt", "api://orders")).Account!.Scopes);
        rig.Refuses(Sign("JWT", "api://orders"), because: "type");
        rig.Refuses(Sign(null, "api://orders"), because: "type");
        rig.Refuses(Sign("at+jwt", TokenRig.Audience), because: "audience");
        rig.Refuses(Sign("at+jwt", "api://orders"), audience: "");
    }

    [Fact]
    public void TOK_2_Keys_that_are_weak_symmetric_or_for_something_else_are_not_taken()
    {
        using var weak = RSA.Create(1024);
        var n = weak.ExportParameters(false);
        var good = JsonNode.Parse(_outside.KeySet())!["keys"]![0]!;
        JsonObject With(string name, JsonNode value)
        {
            var key = good.DeepClone().AsObject();
            key[name] = value;
            return key;
        }

        JsonNode?[] keys =
        [
            new JsonObject { ["kty"] = "oct", ["kid"] = "k", ["k"] = "AAAA" },
            new JsonObject { ["kty"] = "RSA", ["kid"] = "k", ["n"] = Base64Url.EncodeToString(n.Modulus), ["e"] = "AQAB" },
            With("use", "enc"), With("key_ops", new JsonArray("sign")), With("crv", "secp256k1"), With("alg", "HS256"), With("kid", ""), With("x", "AAAA"), With("kty", "OKP"), null, "text",
        ];
        foreach (var key in keys)
        {
            Assert.Throws<FormatException>(() => JsonWebKeys.Parse(Encoding.UTF8.GetBytes(new JsonObject { ["keys"] = new JsonArray(key?.DeepClone()) }.ToJsonString())));
        }

        var mixed = new JsonObject { ["keys"] = new JsonArray([.. keys.Select(key => key?.DeepClone()), good.DeepClone()]) };
        Assert.Equal(1, JsonWebKeys.Parse(Encoding.UTF8.GetBytes(mixed.ToJsonString())).Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("{\"keys\":[]}")]
    [InlineData("{\"keys\":{}}")]
    [InlineData("{\"keys\":[],\"keys\":[]}")]
    public void What_is_no_key_set_stops_the_start(string keys) =>
        Assert.Contains(Name, Assert.Throws<CredentialException>(() => Rig(options => options.Keys = keys)).Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_key_file_is_read_again_when_it_changes_and_a_bad_one_changes_nothing()
    {
        using var home = new TemporaryHome();
        var path = Path.Combine(home.Path, "keys.json");
        Assert.Throws<CredentialException>(() => Rig(options => options.KeysFile = path));
        using var old = new OutsideIssuer(Name);
        await File.WriteAllTextAsync(path, old.KeySet(), Token);
        var rig = Rig(options => options.KeysFile = path);
        Assert.True(rig.Ask(old.Sign("ES256")).IsAccepted);
        await File.WriteAllTextAsync(path, "{", Token);
        rig.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(rig.Ask(old.Sign("ES384")).IsAccepted);
        Assert.Contains("1702", rig.Log.All, StringComparison.Ordinal);
        await File.WriteAllTextAsync(path, _outside.KeySet(), Token);
        rig.Clock.Advance(TimeSpan.FromSeconds(1));
        rig.Refuses(old.Sign("ES256"));
        Assert.True(rig.Ask(_outside.Sign("ES256")).IsAccepted);
    }

    [Fact]
    public async Task A_key_file_behind_a_link_that_comes_to_lead_elsewhere_is_read_again()
    {
        using var home = new TemporaryHome();
        using var old = new OutsideIssuer(Name);
        string Make(string version, OutsideIssuer issuer)
        {
            var folder = Directory.CreateDirectory(Path.Combine(home.Path, version)).FullName;
            File.WriteAllText(Path.Combine(folder, "keys.json"), issuer.KeySet());
            return folder;
        }

        async Task LeadAsync(string folder)
        {
            using var link = System.Diagnostics.Process.Start("ln", ["-sfn", folder, Path.Combine(home.Path, "data")]);
            await link.WaitForExitAsync(Token);
        }

        await LeadAsync(Make("v1", old));
        File.CreateSymbolicLink(Path.Combine(home.Path, "keys.json"), Path.Combine("data", "keys.json"));
        var rig = Rig(options => options.KeysFile = Path.Combine(home.Path, "keys.json"));
        Assert.True(rig.Ask(old.Sign("ES256")).IsAccepted);
        await LeadAsync(Make("v2", _outside));
        rig.Clock.Advance(TimeSpan.FromSeconds(1));
        rig.Refuses(old.Sign("ES256"));
        Assert.True(rig.Ask(_outside.Sign("ES256")).IsAccepted);
        File.Delete(Path.Combine(home.Path, "keys.json"));
        rig.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(rig.Ask(_outside.Sign("ES384")).IsAccepted);
    }

    [Fact]
    public async Task Fetched_keys_stay_in_use_when_a_later_fetch_fails()
    {
        var log = new LogRecorder();
        var server = new ScriptedHandler();
        using var client = new HttpMessageInvoker(server);
        var source = new RemoteKeySource(new Uri("https://login.example/keys"), TimeSpan.FromMinutes(10), client, TimeProvider.System, log);
        Func<HttpResponseMessage>[] failures =
        [
            () => new(HttpStatusCode.InternalServerError), () => new(HttpStatusCode.Redirect), () => new(HttpStatusCode.OK) { Content = new StringContent("{") },
            () => throw new HttpRequestException("down"), () => new(HttpStatusCode.OK) { Content = new StreamContent(new EndlessStream()) },
        ];
        foreach (var failure in failures)
        {
            server.Answer = failure;
            await source.FetchAsync(Token);
            Assert.Equal(0, source.Current.Count);
        }

        server.Answer = () => new(HttpStatusCode.OK) { Content = new StringContent(_outside.KeySet()) };
        await source.FetchAsync(Token);
        var keys = source.Current;
        Assert.Equal(4, keys.Count);
        foreach (var failure in failures)
        {
            server.Answer = failure;
            await source.FetchAsync(Token);
            Assert.Same(keys, source.Current);
        }

        Assert.Equal(10, log.Entries.Count(entry => entry.Contains("1703", StringComparison.Ordinal)));
        Assert.All(server.Asked, address => Assert.Equal("https://login.example/keys", address));
    }

    [Fact]
    public async Task Keys_are_fetched_at_the_interval_and_never_because_of_a_token()
    {
        var server = new ScriptedHandler { Answer = () => new(HttpStatusCode.OK) { Content = new StringContent(_outside.KeySet()) } };
        using var client = new HttpMessageInvoker(server);
        var rig = Rig(options => options.Keys = _outside.KeySet());
        var options = new TokenOptions();
        options.Issuers.Add(new OutsideIssuerOptions { Issuer = Name, KeysAddress = new Uri("https://login.example/keys") });
        var trust = new TokenTrust(options, rig.Keys, client, rig.Clock, rig.Log);
        var verifier = new TokenVerifier(trust, options, rig.Clock, rig.Log);
        Assert.False(verifier.Authenticate(_outside.Sign("ES256"), null, TokenRig.Audience).IsAccepted);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var running = Assert.Single(trust.Remote).RunAsync(stop.Token);
        Assert.True(verifier.Authenticate(_outside.Sign("ES256"), null, TokenRig.Audience).IsAccepted);
        for (var i = 0; i < 1000; i++)
        {
            Assert.False(verifier.Authenticate(_outside.Sign("ES256", kid: $"k{i}"), null, TokenRig.Audience).IsAccepted);
        }

        Assert.Single(server.Asked);
        rig.Clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(2, server.Asked.Count);
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task TOK_2_A_redirect_is_not_followed()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        using var client = new TokenKeyClient();
        var sending = client.SendAsync(new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{port}/keys"), Token);
        using (var peer = await listener.AcceptTcpClientAsync(Token))
        {
            await peer.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{port}/elsewhere\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"), Token);
            using var response = await sending.WaitAsync(TimeSpan.FromSeconds(5), Token);
            Assert.Equal(HttpStatusCode.Found, response.StatusCode);
        }

        Assert.False(listener.Pending());
    }

    private TokenRig Rig(Action<OutsideIssuerOptions> configure, Action<TokenOptions>? more = null)
    {
        var issuer = new OutsideIssuerOptions { Issuer = Name };
        configure(issuer);
        var rig = new TokenRig(options =>
        {
            options.Issuers.Add(issuer);
            more?.Invoke(options);
        });
        _rigs.Add(rig);
        return rig;
    }

    private sealed class ScriptedHandler : HttpMessageHandler
    {
        public Func<HttpResponseMessage> Answer { get; set; } = () => new(HttpStatusCode.NotFound);

        public List<string> Asked { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked.Add(request.RequestUri!.ToString());
            return Task.FromResult(Answer());
        }
    }

    private sealed class EndlessStream : MemoryStream
    {
        public override bool CanSeek => false;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(buffer.Length);
    }
}
