using Microsoft.Extensions.Logging;

namespace Micro.Security;

internal sealed partial class LocalCredentialSource
{
    [LoggerMessage(1610, LogLevel.Debug, "{Identity} has a new leaf {Serial}, valid until {NotAfter:u}, to be renewed at {RenewAt:u}.")]
    private partial void LogRenewed(ServiceIdentity identity, string serial, DateTimeOffset notAfter, DateTimeOffset renewAt);

    [LoggerMessage(1611, LogLevel.Error, "The leaf of {Identity} could not be renewed; the last one is kept until {NotAfter:u}. Next try in {Seconds:0.0} s: {Reason}")]
    private partial void LogNotRenewed(ServiceIdentity identity, DateTimeOffset notAfter, double seconds, string reason);

    [LoggerMessage(1612, LogLevel.Error, "Looking after credentials failed; the last ones are kept.")]
    private partial void LogTickFailed(Exception exception);
}
