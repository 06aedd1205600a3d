using System.Globalization;

namespace Micro.Grpc;

/// <summary>Writes <c>grpc-timeout</c>: at most eight digits and a unit. Source: PROTOCOL-HTTP2.md, "Timeout".</summary>
internal static class GrpcTimeout
{
    private const long MostDigits = 99_999_999;

    public static string Format(TimeSpan timeout)
    {
        if (timeout <= TimeSpan.Zero)
        {
            // Zero is not a legal value everywhere; this is the shortest that is.
            return "1n";
        }

        var milliseconds = timeout.Ticks / TimeSpan.TicksPerMillisecond;
        return milliseconds switch
        {
            < 10 => Text(Math.Max(1, timeout.Ticks / TimeSpan.TicksPerMicrosecond), 'u'),
            <= MostDigits => Text(milliseconds, 'm'),
            <= MostDigits * 1000 => Text(milliseconds / 1000, 'S'),
            _ => Text(Math.Min(MostDigits, milliseconds / 3_600_000), 'H'),
        };
    }

    private static string Text(long value, char unit) => string.Create(CultureInfo.InvariantCulture, $"{value}{unit}");
}
