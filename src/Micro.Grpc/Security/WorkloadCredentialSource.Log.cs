using Microsoft.Extensions.Logging;

namespace Micro.Grpc.Security;

internal sealed partial class WorkloadCredentialSource
{
    [LoggerMessage(1640, LogLevel.Information, "{Identity} has new credentials from {Endpoint}: leaf {Serial} until {NotAfter:u}; trusted are {TrustDomains}.")]
    private partial void LogFollowed(ServiceIdentity identity, string endpoint, string serial, DateTimeOffset notAfter, string trustDomains);

    [LoggerMessage(1641, LogLevel.Error, "What the agent at {Endpoint} sent cannot be used; the last good credentials are kept. Wrong with it is: {Reason}")]
    private partial void LogRejected(string endpoint, string reason);

    // An agent may end a stream at any time (SPIFFE_Workload_API.md, section 4.2), so this by itself is no error.
    [LoggerMessage(1642, LogLevel.Warning, "No newer credentials come at the moment; those there are stay until they expire, and the agent is asked again. {Reason}")]
    private partial void LogBroken(string reason);

    [LoggerMessage(1643, LogLevel.Error, "The agent at {Endpoint} took {Identity} back; it is used no more.")]
    private partial void LogWithdrawn(string endpoint, ServiceIdentity identity);

    [LoggerMessage(1644, LogLevel.Warning, "The agent at {Endpoint} sends revocation lists, which are not used here; short lifetimes and rules have to do.")]
    private partial void LogRevocationLists(string endpoint);

    [LoggerMessage(1645, LogLevel.Error, "Following the agent at {Endpoint} failed; it is tried again.")]
    private partial void LogFollowFailed(string endpoint, Exception exception);

    [LoggerMessage(1646, LogLevel.Error, "There are no newer credentials to be had; the agent is asked again. {Reason}")]
    private partial void LogRefused(string reason);
}
