using System.Text.Json;

namespace Micro.Soak;

/// <summary>The history of a run as JSON lines, for an offline checker. Times are milliseconds since 1970. Thread-safe.</summary>
internal sealed class SoakHistory : IDisposable
{
    private readonly Lock _gate = new();
    private readonly StreamWriter _writer;

    public SoakHistory(string path)
    {
        Path = path;
        _writer = new StreamWriter(path);
    }

    public string Path { get; }

    public static long Now => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    /// <summary>Notes one operation: who did what from when to when, and how it ended.</summary>
    public void Add(string op, string node, long start, long end, object result)
    {
        var line = JsonSerializer.Serialize(new { op, node, start, end, result });
        lock (_gate)
        {
            _writer.WriteLine(line);
        }
    }

    public void Dispose() => _writer.Dispose();
}
