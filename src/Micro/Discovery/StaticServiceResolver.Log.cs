using Microsoft.Extensions.Logging;

namespace Micro.Discovery;

internal sealed partial class StaticServiceResolver
{
    [LoggerMessage(1010, LogLevel.Information, "The configured services were read again: {Count} services.")]
    private partial void LogReloaded(int count);

    [LoggerMessage(1011, LogLevel.Error, "The configured services cannot be read; the last good ones are kept.")]
    private partial void LogKept(Exception exception);
}
