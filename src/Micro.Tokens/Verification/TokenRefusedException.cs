namespace Micro.Tokens.Verification;

/// <summary>Says why a token is refused, within the verifier. The reason is a fixed text of ours and never quotes the token.</summary>
internal sealed class TokenRefusedException(string reason) : Exception(reason);
