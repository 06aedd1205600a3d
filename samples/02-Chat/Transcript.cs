namespace Samples.Chatting;

/// <summary>What was heard and not yet looked for, in order; beyond a limit the oldest lines are dropped. One adds, one waits.</summary>
internal sealed class Transcript : IDisposable
{
    private const int MaxLines = 10_000;

    private readonly Lock _lock = new();
    private readonly Queue<string> _lines = new();
    private readonly SemaphoreSlim _added = new(0);

    public void Add(string line)
    {
        lock (_lock)
        {
            _lines.Enqueue(line);
            if (_lines.Count > MaxLines)
            {
                _lines.Dequeue();
            }
        }

        _added.Release();
    }

    /// <summary>Goes on to the next line that has the text in it, waiting for it if need be.</summary>
    /// <returns>False when there was none in that time.</returns>
    public async Task<bool> WaitForAsync(string text, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        try
        {
            while (!Next(text))
            {
                await _added.WaitAsync(limit.Token);
            }

            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    public void Dispose() => _added.Dispose();

    private bool Next(string text)
    {
        lock (_lock)
        {
            while (_lines.TryDequeue(out var line))
            {
                if (line.Contains(text, StringComparison.Ordinal))
                {
                    return true;
                }
            }

            return false;
        }
    }
}
