using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Micro.Cli.Tests.Support;

/// <summary>Keeps every line that is logged, at every level, with names, values and exceptions.</summary>
internal sealed class CapturedLogs : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyCollection<string> Lines => _lines;

    public ILogger CreateLogger(string categoryName) => this;

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
    {
        Keep(state, null);
        return null;
    }

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        _lines.Enqueue($"{logLevel} {eventId} {formatter(state, exception)} {exception}");
        Keep(state, exception);
    }

    public void Dispose()
    {
        // Nothing is held.
    }

    private void Keep(object? state, Exception? exception)
    {
        var values = state is IEnumerable<KeyValuePair<string, object?>> pairs ? string.Join(' ', pairs.Select(pair => $"{pair.Key}={pair.Value}")) : state?.ToString();
        _lines.Enqueue($"{values} {exception}");
    }
}
