using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Micro.Tokens.Keys;
using Micro.Tokens.Tests.Support;

namespace Micro.Tokens.Tests;

/// <summary>Tokens that claim another algorithm, key or signer than ours.</summary>
[Collection("connections")]
public sealed class SignatureAttackTests : IDisposable
{
    private readonly TokenRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task A_good_token_is_accepted_so_that_refusals_mean_something()
    {
        Assert.True(_rig.Ask(await _rig.SignAsync()).IsAccepted);
        Assert.True(_rig.Ask((await _rig.IssueAsync()).AccessToken).IsAccepted);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("None")]
    [InlineData("NONE")]
    [InlineData("nOnE")]
    [InlineData("")]
    [InlineData("ES256K")]
    [InlineData("es256")]
    [InlineData("ES256 ")]
    [InlineData("HS256")]
    [InlineData("HS384")]
    [InlineData("HS512")]
    [InlineData("EdDSA")]
    [InlineData("dir")]
    [InlineData("RSA-OAEP")]
    public async Task TOK_1_An_algorithm_outside_the_list_is_refused_signed_or_not(string algorithm)
    {
        var token = await _rig.SignAsync(header => header["alg"] = algorithm);
        var unsigned = token[..(token.LastIndexOf('.') + 1)];
        _rig.Refuses(token, because: "none of those");
        _rig.Refuses(unsigned);
        _rig.Refuses(unsigned.TrimEnd('.'));
        _rig.Refuses(unsigned + "AA");
    }

    [Theory]
    [InlineData("{\"kid\":\"K\",\"typ\":\"JWT\"}")]
    [InlineData("{\"alg\":null,\"kid\":\"K\"}")]
    [InlineData("{\"alg\":256,\"kid\":\"K\"}")]
    [InlineData("{\"alg\":[\"ES256\"],\"kid\":\"K\"}")]
    [InlineData("{\"ALG\":\"ES256\",\"kid\":\"K\"}")]
    public async Task TOK_1_A_missing_algorithm_or_one_that_is_not_text_is_refused(string header)
    {
        var id = (await _rig.Keys.GetAsync(TokenRig.Token)).Id;
        _rig.Refuses(await _rig.SignAsync(header.Replace("\"K\"", $"\"{id}\"", StringComparison.Ordinal), _rig.Claims().ToJsonString()));
    }

    [Theory]
    [InlineData("HS256")]
    [InlineData("HS384")]
    [InlineData("HS512")]
    public async Task TOK_1_The_public_key_is_no_secret_for_an_HMAC(string algorithm)
    {
        var key = await _rig.Keys.GetAsync(TokenRig.Token);
        using var publicKey = ECDsa.Create(key.Public);
        byte[][] secrets =
        [
            Encoding.ASCII.GetBytes(publicKey.ExportSubjectPublicKeyInfoPem()),
            Encoding.ASCII.GetBytes(publicKey.ExportSubjectPublicKeyInfoPem() + "\n"),
            publicKey.ExportSubjectPublicKeyInfo(),
            Encoding.UTF8.GetBytes(_rig.Issuer.GetKeySet()),
            [],
        ];
        foreach (var secret in secrets)
        {
            var text = $"{TokenRig.Encode($$"""{"alg":"{{algorithm}}","kid":"{{key.Id}}"}""")}.{TokenRig.Encode(_rig.Claims().ToJsonString())}";
            var mac = algorithm switch
            {
                "HS256" => HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(text)),
                "HS384" => HMACSHA384.HashData(secret, Encoding.ASCII.GetBytes(text)),
                _ => HMACSHA512.HashData(secret, Encoding.ASCII.GetBytes(text)),
            };
            _rig.Refuses($"{text}.{Base64Url.EncodeToString(mac)}", because: "none of those");
        }
    }

    [Theory]
    [InlineData("RS256")]
    [InlineData("PS256")]
    [InlineData("ES384")]
    [InlineData("ES512")]
    public async Task TOK_1_The_algorithm_has_to_fit_the_type_of_the_key(string algorithm)
    {
        using var rsa = RSA.Create(2048);
        var header = await _rig.HeaderAsync();
        header["alg"] = algorithm;
        var text = $"{TokenRig.Encode(header.ToJsonString())}.{TokenRig.Encode(_rig.Claims().ToJsonString())}";
        _rig.Refuses($"{text}.{Base64Url.EncodeToString(rsa.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}", because: "fit");
        _rig.Refuses(await _rig.SignAsync(h => h["alg"] = algorithm), because: "fit");
    }

    [Fact]
    public async Task TOK_1_A_token_that_another_issuer_signed_again_is_refused()
    {
        using var other = new TokenRig();
        _rig.Refuses(await other.SignAsync(), because: "key");
        var own = (await _rig.Keys.GetAsync(TokenRig.Token)).Id;
        _rig.Refuses(await other.SignAsync(header => header["kid"] = own), because: "signature");
        _rig.Refuses(await other.SignAsync(header => header["kid"] = own, claims => claims["iss"] = "other"), because: "issuer");
    }

    [Fact]
    public async Task TOK_1_Every_changed_bit_of_the_signature_and_every_changed_claim_is_refused()
    {
        var token = await _rig.SignAsync();
        var parts = token.Split('.');
        var signature = Base64Url.DecodeFromChars(parts[2]);
        for (var i = 0; i < signature.Length * 8; i += 7)
        {
            var changed = (byte[])signature.Clone();
            changed[i / 8] ^= (byte)(1 << (i % 8));
            _rig.Refuses($"{parts[0]}.{parts[1]}.{Base64Url.EncodeToString(changed)}", because: "signature");
        }

        var claims = _rig.Claims();
        claims["scope"] = "read write admin";
        _rig.Refuses($"{parts[0]}.{TokenRig.Encode(claims.ToJsonString())}.{parts[2]}", because: "signature");
        _rig.Refuses($"{parts[0]}.{parts[1]}.{Base64Url.EncodeToString(new byte[64])}", because: "signature");
        _rig.Refuses($"{parts[0]}.{parts[1]}.{Base64Url.EncodeToString(signature.AsSpan(0, 63))}", because: "signature");
    }

    [Theory]
    [InlineData("../../../dev/null")]
    [InlineData("/dev/null")]
    [InlineData("' OR '1'='1")]
    [InlineData("x'; DROP TABLE keys; --")]
    [InlineData("http://127.0.0.1:1/keys")]
    [InlineData("file:///etc/passwd")]
    [InlineData("")]
    [InlineData("\0")]
    public async Task TOK_2_The_key_id_is_looked_up_exactly_and_nothing_else(string kid)
    {
        using var connections = new ConnectionTrap();
        _rig.Refuses(await _rig.SignAsync(header => header["kid"] = kid), because: "key");
        var id = (await _rig.Keys.GetAsync(TokenRig.Token)).Id;
        _rig.Refuses(await _rig.SignAsync(header => header["kid"] = id.ToUpperInvariant()), because: "key");
        _rig.Refuses(await _rig.SignAsync(header => header["kid"] = id + kid + " "), because: "key");
        _rig.Refuses(await _rig.SignAsync(header => header.Remove("kid")), because: "key");
        Assert.Equal(0, connections.Count);
    }

    [Fact]
    public async Task TOK_2_A_key_id_that_is_the_path_of_the_attackers_key_finds_no_key()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var path = Path.Combine(_rig.Home, "mine.json");
        await File.WriteAllTextAsync(path, JsonWebKeys.Write([(path, key.ExportParameters(false))]), TokenRig.Token);
        foreach (var kid in new[] { path, "../mine.json", "../../" + Path.GetFileName(_rig.Home) + "/mine.json" })
        {
            _rig.Refuses(Sign(key, new JsonObject { ["alg"] = "ES256", ["kid"] = kid }), because: "key");
        }
    }

    [Theory]
    [InlineData("jku")]
    [InlineData("x5u")]
    [InlineData("jwk")]
    [InlineData("x5c")]
    [InlineData("crit")]
    [InlineData("b64")]
    [InlineData("zip")]
    [InlineData("cty")]
    [InlineData("enc")]
    [InlineData("anything")]
    public async Task TOK_2_A_header_that_brings_a_key_an_address_or_a_meaning_along_is_refused(string name)
    {
        using var connections = new ConnectionTrap();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var set = JsonNode.Parse(JsonWebKeys.Write([("mine", key.ExportParameters(false))]))!;
        JsonNode value = name switch
        {
            "jku" or "x5u" => connections.Address,
            "jwk" => set["keys"]![0]!.DeepClone(),
            "x5c" => new JsonArray("MIIB"),
            "crit" => new JsonArray("exp"),
            _ => "x",
        };
        _rig.Refuses(await _rig.SignAsync(header => header[name] = value.DeepClone()), because: "parameter");
        _rig.Refuses(Sign(key, new JsonObject { ["alg"] = "ES256", ["kid"] = "mine", [name] = value.DeepClone() }), because: "parameter");
        await Task.Delay(50, TokenRig.Token);
        Assert.Equal(0, connections.Count);
    }

    private string Sign(ECDsa key, JsonObject header)
    {
        var text = $"{TokenRig.Encode(header.ToJsonString())}.{TokenRig.Encode(_rig.Claims().ToJsonString())}";
        return $"{text}.{Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256))}";
    }
}
