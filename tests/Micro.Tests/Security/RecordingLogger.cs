using Micro.Tests.Support;
using Microsoft.Extensions.Logging;

namespace Micro.Tests.Security;

/// <summary>Logs into a recorder, for what is made without a host.</summary>
internal sealed class RecordingLogger<T>(LogRecorder log) : ILogger<T>
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => log.IsEnabled(logLevel);

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        log.Log(logLevel, eventId, state, exception, formatter);
}
