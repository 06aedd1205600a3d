using Microsoft.Extensions.Logging;

namespace Micro.Discovery;

internal sealed partial class ServiceWatcher
{
    [LoggerMessage(1000, LogLevel.Warning, "Service {Service} cannot be looked up; the last list is kept. Next try in {Seconds:0.0} s.")]
    private partial void LogFailed(Exception exception, string service, double seconds);

    [LoggerMessage(1001, LogLevel.Debug, "Service {Service} still cannot be looked up after {Failures} tries, next in {Seconds:0.0} s: {Reason}")]
    private partial void LogFailedAgain(string service, int failures, double seconds, string reason);

    [LoggerMessage(1002, LogLevel.Information, "Service {Service} can be looked up again in {Source}: {Count} instances.")]
    private partial void LogRecovered(string service, string source, int count);

    [LoggerMessage(1003, LogLevel.Error, "A callback for changes of service {Service} failed.")]
    private partial void LogCallbackFailed(Exception exception, string service);
}
