namespace Micro.Security;

/// <summary>The public keys that tokens of this process are verified with. Thread-safe. Micro.Tokens has the implementation.</summary>
public interface ITokenKeySet
{
    /// <summary>The keys as a JSON Web Key Set (RFC 7517), which servers give out at <c>/.well-known/jwks.json</c>.</summary>
    /// <exception cref="CredentialException">The keys cannot be read.</exception>
    string GetKeySet();
}
