using Micro.Security;
using Microsoft.Extensions.Logging;

namespace Micro.AspNetCore.Authority;

internal sealed partial class AuthorityService
{
    [LoggerMessage(1680, LogLevel.Information, "{Identity} joined from {Remote}: leaf {Serial}, valid until {NotAfter:u}.")]
    private partial void LogJoined(ServiceIdentity identity, string? remote, string serial, DateTimeOffset notAfter);

    [LoggerMessage(1681, LogLevel.Warning, "A join from {Remote} was refused: {Reason}")]
    private partial void LogJoinRefused(string? remote, string reason);

    [LoggerMessage(1682, LogLevel.Debug, "{Identity} has a new leaf {Serial}, valid until {NotAfter:u}.")]
    private partial void LogRenewed(ServiceIdentity identity, string serial, DateTimeOffset notAfter);

    [LoggerMessage(1683, LogLevel.Warning, "{Caller} was refused a leaf: {Reason}")]
    private partial void LogRenewalRefused(Caller caller, string reason);

    [LoggerMessage(1684, LogLevel.Error, "The authority could not do what it was asked by {Remote}: {Reason}")]
    private partial void LogFailed(string? remote, string reason);
}
