using Microsoft.Extensions.Logging;

namespace Shop.Launcher;

/// <summary>Shows what the launcher's own part of Micro has to say, from warnings on.</summary>
internal sealed class ScreenLogger(Screen screen) : ILoggerProvider, ILogger
{
    private const int Colour = 147;

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Warning and not LogLevel.None;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            screen.Line("customer", Colour, logLevel, exception is null ? formatter(state, null) : $"{formatter(state, exception)} {exception.Message}");
        }
    }

    public void Dispose()
    {
        // Nothing is held.
    }
}
