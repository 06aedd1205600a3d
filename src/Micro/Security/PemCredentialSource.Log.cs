using Microsoft.Extensions.Logging;

namespace Micro.Security;

internal sealed partial class PemCredentialSource
{
    [LoggerMessage(1620, LogLevel.Error, "The changed credentials cannot be used; the last good ones, of {Identity} until {NotAfter:u}, are kept: {Reason}")]
    private partial void LogRejected(ServiceIdentity identity, DateTimeOffset notAfter, string reason);

    [LoggerMessage(1621, LogLevel.Information, "{Identity} has new credentials: leaf {Serial} until {NotAfter:u}, {Roots} roots.")]
    private partial void LogFollowed(ServiceIdentity identity, string serial, DateTimeOffset notAfter, int roots);

    [LoggerMessage(1622, LogLevel.Warning, "The leaf of {Identity} expires at {NotAfter:u}, and its files were not renewed. See what renews {Path}.")]
    private partial void LogExpiring(ServiceIdentity identity, DateTimeOffset notAfter, string path);

    [LoggerMessage(1623, LogLevel.Error, "Looking after the credential files failed; the last good ones are kept.")]
    private partial void LogTickFailed(Exception exception);
}
