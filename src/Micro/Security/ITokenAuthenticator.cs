namespace Micro.Security;

/// <summary>
/// Decides whose a bearer token is. Asked for each call that brings one, so: no network, no waiting; over keys that are in memory. Thread-safe.
/// What it throws counts as a refusal. Micro.Tokens has the implementation; without one, every call with <c>authorization: Bearer</c> is refused. Headers of other schemes
/// are left to the service.
/// </summary>
public interface ITokenAuthenticator
{
    /// <summary>Says whose it is, or why it is refused. A token that is refused is a call that is refused, never an anonymous one.</summary>
    /// <param name="token">The token as it came, without <c>Bearer</c>; of any length and content.</param>
    /// <param name="bearer">The verified identity of the connection it came over; null when that has none. A token bound to an identity is good with that one only.</param>
    /// <param name="audience">Who is asked: the one audience that has to be among the token's, compared exactly. Empty refuses every token.</param>
    TokenVerdict Authenticate(string token, ServiceIdentity? bearer, string audience);
}
