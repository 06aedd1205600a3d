using Micro.Discovery;
using Microsoft.Extensions.Logging;

namespace Micro.Sqlite.Discovery;

internal sealed partial class SqliteServiceRegistry
{
    [LoggerMessage(1060, LogLevel.Warning, "{Instance} was not renewed in time: others may no longer see it. It is registered again as soon as possible.")]
    internal partial void LogLost(ServiceInstance instance);

    [LoggerMessage(1061, LogLevel.Warning, "The registry cannot be written; it is tried again until it can.")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(1062, LogLevel.Information, "{Source} can be written again.")]
    private partial void LogRecovered(string source);

    [LoggerMessage(1063, LogLevel.Warning, "{Instance} could not be deregistered; it vanishes when its time is over.")]
    private partial void LogNotRemoved(Exception exception, ServiceInstance instance);

    [LoggerMessage(1064, LogLevel.Warning, "{Instance} was replaced by another registration with the same id.")]
    private partial void LogTaken(ServiceInstance instance);

    [LoggerMessage(1065, LogLevel.Warning, "The file {Path} was deleted or replaced; the services of this process are registered again in the new one.")]
    private partial void LogReplaced(string path);

    [LoggerMessage(1066, LogLevel.Debug, "{Count} registrations were over and were removed.")]
    private partial void LogReaped(int count);
}
