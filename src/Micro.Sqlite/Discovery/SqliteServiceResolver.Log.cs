using Microsoft.Extensions.Logging;

namespace Micro.Sqlite.Discovery;

internal sealed partial class SqliteServiceResolver
{
    [LoggerMessage(1070, LogLevel.Information, "Changes of {Path} are not reported by the operating system ({Reason}); it is polled every {Milliseconds} ms.")]
    private partial void LogPolling(string path, double milliseconds, string reason);

    [LoggerMessage(1071, LogLevel.Warning, "The file {Path} was deleted or replaced; known instances stay listed until they have had time to register again.")]
    private partial void LogReplaced(string path);

    [LoggerMessage(1072, LogLevel.Warning, "The registration of {Service}/{Id} cannot be used and is left out.")]
    private partial void LogUnreadable(string service, string id, Exception exception);
}
