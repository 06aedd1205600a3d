using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Micro.Tokens.Tests.Support;

/// <summary>Keeps what is logged, at every level, with exceptions in full.</summary>
internal sealed class LogRecorder : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<string> _entries = new();

    public IReadOnlyCollection<string> Entries => _entries;

    public string All => string.Join('\n', _entries);

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _entries.Enqueue($"{logLevel} {eventId.Id} {formatter(state, exception)} {exception}");

    public void Dispose()
    {
    }
}
