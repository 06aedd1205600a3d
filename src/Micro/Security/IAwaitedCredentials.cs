namespace Micro.Security;

/// <summary>A source of credentials that has to ask somebody else for the first ones, which its constructor cannot wait for. The host waits when it starts.</summary>
internal interface IAwaitedCredentials
{
    /// <summary>Completes once there are credentials; in a bounded time, one way or the other.</summary>
    /// <exception cref="CredentialException">There are none to be had; the message says why and what to do.</exception>
    Task FirstAsync(CancellationToken cancellationToken);
}
