using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Micro.Tokens.Tests.Support;

/// <summary>An issuer outside of Micro with a key of each kind: <c>rsa</c>, and one for each of ES256, ES384, ES512 with that id.</summary>
internal sealed class OutsideIssuer(string name) : IDisposable
{
    // One for all: making it takes seconds on a busy machine.
    private static readonly RSA SharedRsa = RSA.Create(2048);

    private readonly Dictionary<string, ECDsa> _elliptic = new()
    {
        ["ES256"] = ECDsa.Create(ECCurve.NamedCurves.nistP256),
        ["ES384"] = ECDsa.Create(ECCurve.NamedCurves.nistP384),
        ["ES512"] = ECDsa.Create(ECCurve.NamedCurves.nistP521),
    };

    public string Name { get; } = name;

    public string KeySet(string? rsaAlgorithm = null)
    {
        var keys = new JsonArray();
        foreach (var (algorithm, key) in _elliptic)
        {
            var q = key.ExportParameters(false).Q;
            keys.Add(new JsonObject
            {
                ["kty"] = "EC", ["kid"] = algorithm, ["crv"] = algorithm == "ES512" ? "P-521" : $"P-{algorithm[2..]}",
                ["x"] = Base64Url.EncodeToString(q.X), ["y"] = Base64Url.EncodeToString(q.Y),
            });
        }

        var parameters = SharedRsa.ExportParameters(false);
        var rsa = new JsonObject { ["kty"] = "RSA", ["kid"] = "rsa", ["use"] = "sig", ["n"] = Base64Url.EncodeToString(parameters.Modulus), ["e"] = Base64Url.EncodeToString(parameters.Exponent) };
        if (rsaAlgorithm is not null)
        {
            rsa["alg"] = rsaAlgorithm;
        }

        keys.Add(rsa);
        return new JsonObject { ["keys"] = keys }.ToJsonString();
    }

    public string Sign(string algorithm, string? kid = null, string? type = "JWT", Action<JsonObject>? claims = null)
    {
        var header = new JsonObject { ["alg"] = algorithm, ["kid"] = kid ?? (algorithm[0] == 'E' ? algorithm : "rsa"), ["x5t"] = "AAAA" };
        if (type is not null)
        {
            header["typ"] = type;
        }

        var payload = new JsonObject { ["iss"] = Name, ["sub"] = "u1", ["aud"] = TokenRig.Audience, ["iat"] = 1_800_000_000, ["exp"] = 1_800_000_600 };
        claims?.Invoke(payload);
        var text = $"{TokenRig.Encode(header.ToJsonString())}.{TokenRig.Encode(payload.ToJsonString())}";
        return $"{text}.{Base64Url.EncodeToString(Signature(algorithm, Encoding.ASCII.GetBytes(text)))}";
    }

    public void Dispose()
    {
        foreach (var key in _elliptic.Values)
        {
            key.Dispose();
        }
    }

    private byte[] Signature(string algorithm, byte[] text)
    {
        var hash = algorithm[2..] switch { "256" => HashAlgorithmName.SHA256, "384" => HashAlgorithmName.SHA384, _ => HashAlgorithmName.SHA512 };
        return algorithm[0] switch
        {
            'E' => _elliptic[algorithm].SignData(text, hash),
            'P' => SharedRsa.SignData(text, hash, RSASignaturePadding.Pss),
            _ => SharedRsa.SignData(text, hash, RSASignaturePadding.Pkcs1),
        };
    }
}
