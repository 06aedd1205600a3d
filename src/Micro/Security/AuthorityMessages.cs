using System.Text.Json;
using System.Text.Json.Serialization;

namespace Micro.Security;

/// <summary>What is asked of <c>micro.Authority/Roots</c>: nothing in particular.</summary>
internal sealed record AuthorityRootsRequest;

/// <summary>The roots a joiner looks its pinned one up in. Public: whoever meets a service sees what it is signed with.</summary>
/// <param name="TrustDomain">Whose roots they are.</param>
/// <param name="Roots">Certificates in DER.</param>
internal sealed record AuthorityRoots(string TrustDomain, IReadOnlyList<byte[]> Roots);

/// <summary>What <c>micro.Authority/Join</c> takes.</summary>
/// <param name="Token">The join token, without what is pinned in it.</param>
/// <param name="Identity">Whom it makes.</param>
/// <param name="SigningRequest">PKCS#10 in DER; only its key counts.</param>
/// <param name="LifetimeSeconds">How long the leaf is wanted to live; null or 0 leaves it to the authority.</param>
internal sealed record AuthorityJoin(string Token, string Identity, byte[] SigningRequest, double? LifetimeSeconds = null)
{
    /// <summary>Without the token.</summary>
    public override string ToString() => $"join of {Identity}";
}

/// <summary>What <c>micro.Authority/Renew</c> takes.</summary>
/// <param name="Identity">Whose leaf it is; has to be the caller.</param>
/// <param name="SigningRequest">PKCS#10 in DER; only its key counts.</param>
/// <param name="LifetimeSeconds">How long the leaf is wanted to live; null or 0 leaves it to the authority.</param>
internal sealed record AuthorityRenewal(string Identity, byte[] SigningRequest, double? LifetimeSeconds = null);

/// <summary>What <c>micro.Authority/Bundle</c> takes.</summary>
/// <param name="Known">Number of the bundle the caller has; null when none.</param>
/// <param name="WaitSeconds">How long the answer may be held back while there is none with another number.</param>
internal sealed record AuthorityBundleRequest(long? Known = null, double WaitSeconds = 0);

/// <summary>Whom to trust, as it goes over the wire and onto the disk.</summary>
/// <param name="TrustDomain">Whose roots they are.</param>
/// <param name="Sequence">Rises with every change.</param>
/// <param name="Roots">Certificates in DER, the oldest first.</param>
/// <param name="Revoked">Identities that are trusted no more.</param>
/// <param name="RevokedSerials">Leaves that are trusted no more.</param>
/// <param name="ReplacesAll">Somebody meant to drop every root there was.</param>
internal sealed record AuthorityBundle(
    string TrustDomain, long Sequence, IReadOnlyList<byte[]> Roots, IReadOnlyList<string> Revoked, IReadOnlyList<string> RevokedSerials, bool ReplacesAll = false)
{
    public static AuthorityBundle Of(AuthorityState state) => new(
        state.TrustDomain,
        state.Sequence,
        [.. state.Roots.Select(root => root.Certificate.RawData)],
        [.. state.Revoked.Select(identity => identity.ToString())],
        [.. state.RevokedSerials.Select(serial => serial.Serial)],
        state.ReplacesAll);
}

/// <summary>A new leaf, and whom to trust.</summary>
/// <param name="Chain">Certificates in DER: the leaf, then what lies between it and its root.</param>
/// <param name="Bundle">Whom to trust.</param>
internal sealed record AuthorityLeaf(IReadOnlyList<byte[]> Chain, AuthorityBundle Bundle);

// What is not known is skipped, so that an authority may be newer or older than those who ask it; what is missing is refused.
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(AuthorityRootsRequest))]
[JsonSerializable(typeof(AuthorityRoots))]
[JsonSerializable(typeof(AuthorityJoin))]
[JsonSerializable(typeof(AuthorityRenewal))]
[JsonSerializable(typeof(AuthorityBundleRequest))]
[JsonSerializable(typeof(AuthorityLeaf))]
[JsonSerializable(typeof(JoinedJson))]
internal sealed partial class AuthorityMessagesJson : JsonSerializerContext;
