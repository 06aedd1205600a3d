using System.Globalization;

namespace Micro.Transport.Http;

/// <summary>
/// The header <c>grpc-timeout</c>: up to 8 digits and a unit (<c>H M S m u n</c>). Source: gRPC over HTTP/2, "Timeout".
/// </summary>
internal static class CallTimeout
{
    private const long MostDigits = 99_999_999;

    /// <summary>Formats in the finest unit that fits, rounded up: the server must not give up before the client does.</summary>
    public static string Format(TimeSpan timeout)
    {
        if (timeout <= TimeSpan.Zero)
        {
            return "1n";
        }

        foreach (var (ticks, unit) in ((long, char)[])
            [(TimeSpan.TicksPerMicrosecond, 'u'), (TimeSpan.TicksPerMillisecond, 'm'), (TimeSpan.TicksPerSecond, 'S'), (TimeSpan.TicksPerMinute, 'M')])
        {
            var count = (timeout.Ticks / ticks) + (timeout.Ticks % ticks == 0 ? 0 : 1);
            if (count <= MostDigits)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{count}{unit}");
            }
        }

        var hours = Math.Min(MostDigits, (timeout.Ticks / TimeSpan.TicksPerHour) + 1);
        return string.Create(CultureInfo.InvariantCulture, $"{hours}H");
    }

    /// <summary>Reads the header; what is longer than a <see cref="TimeSpan"/> becomes the longest one.</summary>
    public static bool TryParse(ReadOnlySpan<char> value, out TimeSpan timeout)
    {
        timeout = default;
        if (value.Length is < 2 or > 9 || !TryParseDigits(value[..^1], out var count))
        {
            return false;
        }

        var ticks = value[^1] switch
        {
            'H' => TimeSpan.TicksPerHour,
            'M' => TimeSpan.TicksPerMinute,
            'S' => TimeSpan.TicksPerSecond,
            'm' => TimeSpan.TicksPerMillisecond,
            'u' => TimeSpan.TicksPerMicrosecond,
            'n' => -1,
            _ => 0,
        };
        timeout = ticks switch
        {
            -1 => new TimeSpan(count / TimeSpan.NanosecondsPerTick),
            _ when count > long.MaxValue / Math.Max(1, ticks) => TimeSpan.MaxValue,
            _ => new TimeSpan(count * ticks),
        };
        return ticks != 0;
    }

    /// <summary>Reads go-micro's header <c>timeout</c>: nanoseconds as digits, with or without an <c>n</c>.</summary>
    public static bool TryParseNanoseconds(ReadOnlySpan<char> value, out TimeSpan timeout)
    {
        timeout = default;
        if (value.Length > 0 && value[^1] == 'n')
        {
            value = value[..^1];
        }

        if (value.Length > 18 || !TryParseDigits(value, out var count))
        {
            return false;
        }

        timeout = new TimeSpan(count / TimeSpan.NanosecondsPerTick);
        return true;
    }

    private static bool TryParseDigits(ReadOnlySpan<char> value, out long count) =>
        long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out count);
}
