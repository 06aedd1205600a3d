using System.Collections.Concurrent;
using Micro.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Micro.Tests.Support;

/// <summary>Keeps what a host logs.</summary>
internal sealed class LogRecorder : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<(LogLevel Level, string Text, Exception? Exception)> _entries = new();

    public IReadOnlyCollection<(LogLevel Level, string Text, Exception? Exception)> Entries => _entries;

    /// <summary>Told of every entry as it is written.</summary>
    public Action<string>? Written { get; set; }

    /// <summary>Begins to record a host.</summary>
    public void Join(IMicroBuilder micro) => micro.Services.AddLogging(logging => logging.AddProvider(this));

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var text = formatter(state, exception);
        _entries.Enqueue((logLevel, text, exception));
        Written?.Invoke(text);
    }

    public void Dispose()
    {
    }
}
