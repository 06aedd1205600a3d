using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;

namespace Shop.Launcher;

/// <summary>A line a service wrote: level and text of a log line, or whatever else it is.</summary>
internal readonly partial record struct LogLine(LogLevel Level, string Text)
{
    public static LogLine Parse(string line)
    {
        var match = Format().Match(line);
        return match.Success
            ? new LogLine(LevelOf(match.Groups["level"].ValueSpan), match.Groups["text"].Value)
            : new LogLine(LogLevel.Warning, line);
    }

    private static LogLevel LevelOf(ReadOnlySpan<char> word) => word switch
    {
        "trce" => LogLevel.Trace,
        "dbug" => LogLevel.Debug,
        "info" => LogLevel.Information,
        "warn" => LogLevel.Warning,
        _ => LogLevel.Error,
    };

    [GeneratedRegex(@"^(?<level>trce|dbug|info|warn|fail|crit): [^\[]*\[\d+\] (?<text>.*)$")]
    private static partial Regex Format();
}
