namespace Shop.Launcher;

/// <summary>Lets so many lines a second of a process through that people can read them, and says how many it held back. For one reader of lines.</summary>
internal sealed class LogThrottle(TimeProvider clock, int linesASecond)
{
    private long _second;
    private int _shown;
    private int _held;

    /// <summary>The line to show, with the number of those held back before it; null when it is held back itself.</summary>
    public string? Pass(string line)
    {
        var second = clock.GetTimestamp() / clock.TimestampFrequency;
        if (second != _second)
        {
            (_second, _shown) = (second, 0);
        }

        if (_shown >= linesASecond)
        {
            _held++;
            return null;
        }

        _shown++;
        var passed = _held == 0 ? line : $"{line}  (+{_held})";
        _held = 0;
        return passed;
    }
}
