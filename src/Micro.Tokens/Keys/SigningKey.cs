using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;

namespace Micro.Tokens.Keys;

/// <summary>One of the issuer's own keys, on P-256. Immutable.</summary>
internal sealed class SigningKey
{
    public SigningKey(string id, ECDsa key, DateTimeOffset signsFrom, DateTimeOffset? verifiesUntil)
    {
        Id = id;
        Public = key.ExportParameters(includePrivateParameters: false);
        SignsFrom = signsFrom;
        VerifiesUntil = verifiesUntil;
        Credentials = new SigningCredentials(new ECDsaSecurityKey(key) { KeyId = id }, SecurityAlgorithms.EcdsaSha256);
        Verification = new VerificationKey(id, new ECDsaSecurityKey(ECDsa.Create(Public)) { KeyId = id }, ["ES256"], verifiesUntil ?? DateTimeOffset.MaxValue);
    }

    public string Id { get; }

    public ECParameters Public { get; }

    public DateTimeOffset SignsFrom { get; }

    /// <summary>Until when it verifies; null as long as no newer key was made.</summary>
    public DateTimeOffset? VerifiesUntil { get; }

    public SigningCredentials Credentials { get; }

    public VerificationKey Verification { get; }

    /// <summary>The id alone.</summary>
    public override string ToString() => Id;
}
