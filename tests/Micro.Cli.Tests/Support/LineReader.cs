using System.Collections.Concurrent;

namespace Micro.Cli.Tests.Support;

/// <summary>An input that is typed while it is read.</summary>
internal sealed class LineReader : TextReader
{
    private readonly BlockingCollection<string> _lines = [];

    public void Type(string line) => _lines.Add(line);

    public void End() => _lines.CompleteAdding();

    public override string? ReadLine() => _lines.TryTake(out var line, Timeout.Infinite) ? line : null;
}
