using Microsoft.Extensions.Logging;

namespace Micro.Security;

internal sealed partial class LocalAuthority
{
    [LoggerMessage(1600, LogLevel.Error, "The trust bundle of the local authority cannot be used; the last good one, number {Sequence}, is kept: {Reason}")]
    private partial void LogRejected(long sequence, string reason);

    [LoggerMessage(1601, LogLevel.Information, "The trust bundle of the local authority is now number {Sequence}: {Roots} roots, {Identities} identities and {Serials} leaves revoked.")]
    private partial void LogFollowed(long sequence, int roots, int identities, int serials);

    [LoggerMessage(1602, LogLevel.Information, "The local authority of '{TrustDomain}' in {Directory} is open, bundle number {Sequence}.")]
    private partial void LogOpened(string trustDomain, string directory, long sequence);

    [LoggerMessage(1603, LogLevel.Warning, "The local authority could not be tended; roots that are over stay trusted, and the next root waits. Next try in {Minutes} min: {Reason}")]
    private partial void LogNotTended(double minutes, string reason);
}
