using Micro.Security;

namespace Micro.Tokens.Keys;

/// <summary>The keys of this home's tokens, for whoever serves them.</summary>
internal sealed class PublishedKeys(TokenIssuer issuer) : ITokenKeySet
{
    public string GetKeySet() => issuer.GetKeySet();
}
