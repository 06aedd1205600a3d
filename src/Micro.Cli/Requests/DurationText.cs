using System.Globalization;

namespace Micro.Cli.Requests;

/// <summary>Reads durations as people type them: <c>500ms</c>, <c>5s</c>, <c>1.5m</c>, <c>1h</c>, <c>none</c>.</summary>
internal static class DurationText
{
    public const string Forms = "500ms, 5s, 2m, 1h or none";

    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    private static readonly (string Unit, TimeSpan Length)[] Units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)),
        ("s", TimeSpan.FromSeconds(1)),
        ("m", TimeSpan.FromMinutes(1)),
        ("h", TimeSpan.FromHours(1)),
    ];

    /// <returns>False for anything but a number above zero with a unit, up to a day, or <c>none</c>, which is infinite.</returns>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = Timeout.InfiniteTimeSpan;
        if (text == "none")
        {
            return true;
        }

        foreach (var (unit, length) in Units)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal)
                && decimal.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            {
                var ticks = Math.Min(number, (decimal)Longest.Ticks) * length.Ticks;
                duration = ticks <= Longest.Ticks ? TimeSpan.FromTicks((long)ticks) : TimeSpan.Zero;
                return duration > TimeSpan.Zero;
            }
        }

        return false;
    }
}
