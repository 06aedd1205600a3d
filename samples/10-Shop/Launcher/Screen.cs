using Microsoft.Extensions.Logging;

namespace Shop.Launcher;

/// <summary>
/// The terminal: lines of all processes, each under its name and in its colour, and below them one line that is kept up to date. Where the output is not a terminal,
/// no colours, and the status is a line like any other. Thread-safe.
/// </summary>
internal sealed class Screen
{
    private const int NameWidth = 10;
    private const int OwnColour = 250;

    private readonly Lock _lock = new();
    private readonly bool _terminal = !Console.IsOutputRedirected
        && Environment.GetEnvironmentVariable("TERM") is not "dumb"
        && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    private string _status = "";

    /// <summary>Whether the status line stays in its place.</summary>
    public bool IsTerminal => _terminal;

    /// <summary>A line of a process.</summary>
    public void Line(string name, int colour, LogLevel level, string text)
    {
        var mark = level switch { >= LogLevel.Error => "✗ ", LogLevel.Warning => "! ", _ => "" };
        Write(_terminal
            ? $"\e[38;5;{colour}m{name,-NameWidth} │\e[0m {(level >= LogLevel.Warning ? $"\e[1;31m{mark}{text}\e[0m" : text)}"
            : $"{name,-NameWidth} | {mark}{text}");
    }

    /// <summary>A line of the launcher.</summary>
    public void Say(string text) => Line("shop", OwnColour, LogLevel.Information, _terminal ? $"\e[1m{text}\e[0m" : text);

    /// <summary>A line as it is.</summary>
    public void Plain(string text) => Write(text);

    /// <summary>Something went wrong.</summary>
    public void Complain(string text) => Line("shop", OwnColour, LogLevel.Error, text);

    /// <summary>The line that is kept up to date; empty: none.</summary>
    public void Status(string text)
    {
        if (!_terminal)
        {
            if (text.Length > 0)
            {
                Write($"{"",-NameWidth} = {text}");
            }

            return;
        }

        lock (_lock)
        {
            _status = text;
            Console.Out.Write($"\r\e[2K{Shown()}");
        }
    }

    private void Write(string line)
    {
        lock (_lock)
        {
            Console.Out.WriteLine(_status.Length > 0 ? $"\r\e[2K{line}" : line);
            if (_status.Length > 0)
            {
                Console.Out.Write(Shown());
            }
        }
    }

    private string Shown()
    {
        var width = Math.Max(Console.WindowWidth - 1, 20);
        var text = _status.Length > width ? _status[..width] : _status;
        return text.Length == 0 ? "" : $"\e[7m{text}\e[0m";
    }
}
