using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Micro.Security;
using Micro.Tokens.Accounts;
using Micro.Tokens.Keys;
using Micro.Tokens.Verification;
using Microsoft.Extensions.Time.Testing;

namespace Micro.Tokens.Tests.Support;

/// <summary>An issuer and a verifier over a home of their own, with a clock that stands; and pens to write tokens as an attacker would.</summary>
internal sealed class TokenRig : IDisposable
{
    public const string Audience = "spiffe://micro.local/default/orders";

    private readonly TemporaryHome _home = new();
    private readonly TokenKeyClient _client = new();

    public TokenRig(Action<TokenOptions>? configure = null)
    {
        configure?.Invoke(Options);
        Accounts = new AccountDirectory(Store, Hasher, Clock, Options.Issuer);
        Keys = new LocalKeys(_home.Path, Options, Clock, Log);
        Issuer = new TokenIssuer(Accounts, Keys, Options, Clock, Log);
        Verifier = NewVerifier();
    }

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public static ServiceIdentity Shop { get; } = ServiceIdentity.Create("micro.local", "default", "shop");

    public static ServiceIdentity Thief { get; } = ServiceIdentity.Create("micro.local", "default", "thief");

    public FakeTimeProvider Clock { get; } = new(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));

    public LogRecorder Log { get; } = new();

    public TokenOptions Options { get; } = new();

    public SecretHasher Hasher { get; } = new(rounds: 10);

    public InMemoryAccountStore Store { get; } = new();

    public AccountDirectory Accounts { get; }

    public LocalKeys Keys { get; }

    public TokenIssuer Issuer { get; }

    public TokenVerifier Verifier { get; }

    public string Home => _home.Path;

    public TokenVerifier NewVerifier(LocalKeys? keys = null) => new(new TokenTrust(Options, keys ?? Keys, _client, Clock, Log), Options, Clock, Log);

    /// <summary>Another process over the same home.</summary>
    public TokenVerifier OtherProcess() => NewVerifier(new LocalKeys(_home.Path, Options, Clock, Log));

    public async Task<CreatedAccount> AdaAsync() => (await Accounts.TryCreateAsync(
        new AccountDraft
        {
            Id = "ada",
            Scopes = new HashSet<string> { "read", "write" },
            Metadata = new Dictionary<string, string> { ["name"] = "Ada L." },
        },
        Token))!;

    /// <summary>A good token of Ada's.</summary>
    public async Task<IssuedToken> IssueAsync(string audience = Audience, ServiceIdentity? boundTo = null, bool refresh = false)
    {
        if (await Accounts.FindAsync("ada", Token) is null)
        {
            await AdaAsync();
        }

        return (await Issuer.TryIssueWithoutSecretAsync("ada", new TokenRequest { Audience = audience, BoundTo = boundTo, WithRefresh = refresh }, Token))!;
    }

    public TokenVerdict Ask(string token, ServiceIdentity? bearer = null, string audience = Audience) => Verifier.Authenticate(token, bearer, audience);

    /// <summary>Claims of a good token.</summary>
    public JsonObject Claims()
    {
        var now = Clock.GetUtcNow().ToUnixTimeSeconds();
        return new JsonObject
        {
            ["iss"] = Options.Issuer, ["sub"] = "ada", ["aud"] = Audience, ["iat"] = now, ["nbf"] = now, ["exp"] = now + 600, ["type"] = "user", ["scope"] = "read write",
        };
    }

    public async Task<JsonObject> HeaderAsync() => new() { ["alg"] = "ES256", ["kid"] = (await Keys.GetAsync(Token)).Id, ["typ"] = "JWT" };

    /// <summary>Any header and claims, signed with the issuer's own key: what is wrong with such a token is not its signature.</summary>
    public async Task<string> SignAsync(string header, string claims)
    {
        var key = (Microsoft.IdentityModel.Tokens.ECDsaSecurityKey)(await Keys.GetAsync(Token)).Credentials.Key;
        var text = $"{Encode(header)}.{Encode(claims)}";
        return $"{text}.{Base64Url.EncodeToString(key.ECDsa.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256))}";
    }

    public async Task<string> SignAsync(Action<JsonObject>? header = null, Action<JsonObject>? claims = null)
    {
        var (h, c) = (await HeaderAsync(), Claims());
        header?.Invoke(h);
        claims?.Invoke(c);
        return await SignAsync(h.ToJsonString(), c.ToJsonString());
    }

    public static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    public void Refuses(string token, ServiceIdentity? bearer = null, string audience = Audience, string? because = null)
    {
        var verdict = Ask(token, bearer, audience);
        Assert.False(verdict.IsAccepted, "A token was accepted that must not be.");
        Assert.Null(verdict.Account);
        Assert.Equal("The token is not accepted.", TokenVerdict.RefusalText);
        if (because is not null)
        {
            Assert.Contains(because, verdict.Refusal, StringComparison.Ordinal);
        }

        Assert.True(token.Length < 20 || !Log.All.Contains(token[..20], StringComparison.Ordinal), "A token is in the log.");
    }

    public void Dispose()
    {
        _client.Dispose();
        _home.Dispose();
    }
}
