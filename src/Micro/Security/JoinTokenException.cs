namespace Micro.Security;

/// <summary>A join token is not taken. The message says why and what to do, and holds nothing of the token.</summary>
internal sealed class JoinTokenException(JoinTokenFailure failure, string message) : Exception(message)
{
    public JoinTokenFailure Failure { get; } = failure;
}
