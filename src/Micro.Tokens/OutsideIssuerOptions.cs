namespace Micro.Tokens;

/// <summary>
/// An issuer outside of Micro, such as an OpenID Connect provider, whose tokens are accepted. Its keys come from exactly one of <see cref="Keys"/>,
/// <see cref="KeysFile"/> and <see cref="KeysAddress"/>; nothing in a token says where.
/// </summary>
public sealed class OutsideIssuerOptions
{
    /// <summary>Its name, compared exactly with <c>iss</c>.</summary>
    public string Issuer { get; set; } = "";

    /// <summary>The audience its tokens for this service carry, e.g. <c>api://orders</c>. Null: the one every token has to have.</summary>
    public string? Audience { get; set; }

    /// <summary>Its keys: a JSON Web Key Set (RFC 7517) as text.</summary>
    public string? Keys { get; set; }

    /// <summary>Path of a file with its keys. It has to be readable at start; a change is seen within a second.</summary>
    public string? KeysFile { get; set; }

    /// <summary>The https address of its keys. Redirects are not followed. Until the first fetch succeeds, its tokens are refused.</summary>
    public Uri? KeysAddress { get; set; }

    /// <summary>Time between two fetches of <see cref="KeysAddress"/>. Default 10 minutes; 1 minute to 24 hours.</summary>
    public TimeSpan RefreshInterval { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary><c>typ</c> its access tokens have to carry, e.g. <c>at+jwt</c> (RFC 9068). Null: none, <c>JWT</c> or <c>JOSE</c>.</summary>
    public string? TokenType { get; set; }

    /// <summary><see cref="Account.Type"/> of its accounts. Default <c>user</c>.</summary>
    public string AccountType { get; set; } = "user";

    /// <summary>Put before each of its scopes, so that it cannot grant those of another issuer. Default empty.</summary>
    public string ScopePrefix { get; set; } = "";

    /// <summary>Claims of text that become <see cref="Account.Metadata"/>, e.g. <c>email</c>. Default none.</summary>
    public IList<string> MetadataClaims { get; } = [];
}
