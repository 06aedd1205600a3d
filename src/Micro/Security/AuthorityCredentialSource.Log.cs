using Microsoft.Extensions.Logging;

namespace Micro.Security;

internal sealed partial class AuthorityCredentialSource
{
    [LoggerMessage(1630, LogLevel.Debug, "{Identity} has leaf {Serial} of the authority, valid until {NotAfter:u}, to be renewed at {RenewAt:u}.")]
    private partial void LogRenewed(ServiceIdentity identity, string serial, DateTimeOffset notAfter, DateTimeOffset renewAt);

    [LoggerMessage(1631, LogLevel.Error, "The leaf of {Identity} could not be renewed; the last one is kept until {NotAfter:u}. Next try in {Seconds:0.0} s: {Reason}")]
    private partial void LogNotRenewed(ServiceIdentity identity, DateTimeOffset notAfter, double seconds, string reason);

    [LoggerMessage(1632, LogLevel.Error, "The trust bundle of the authority cannot be followed; the last good one, number {Sequence}, is kept: {Reason}")]
    private partial void LogCutOff(long sequence, string reason);

    [LoggerMessage(1633, LogLevel.Information, "The trust bundle of the authority is followed again.")]
    private partial void LogReached();

    [LoggerMessage(1634, LogLevel.Information, "The trust bundle of the authority is now number {Sequence}: {Roots} roots, {Identities} identities and {Serials} leaves revoked.")]
    private partial void LogFollowed(long sequence, int roots, int identities, int serials);

    [LoggerMessage(1635, LogLevel.Error, "What {Identity} got from the authority is in use and could not be kept for the next start: {Reason}")]
    private partial void LogNotKept(ServiceIdentity identity, string reason);

    [LoggerMessage(1636, LogLevel.Error, "Looking after credentials failed; the last ones are kept.")]
    private partial void LogFailed(Exception exception);
}
