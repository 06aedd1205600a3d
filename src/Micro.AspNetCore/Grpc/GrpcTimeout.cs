using System.Globalization;

namespace Micro.AspNetCore.Grpc;

/// <summary>Reads deadlines: <c>grpc-timeout</c> (PROTOCOL-HTTP2.md) and go-micro's <c>timeout</c> in nanoseconds.</summary>
internal static class GrpcTimeout
{
    // The longest that timers take, nearly; who waits longer waits for ever.
    private static readonly TimeSpan Endless = TimeSpan.FromDays(49);

    /// <summary>One to eight digits and a unit. False when it is not that; <paramref name="timeout"/> is null where the time is as good as none.</summary>
    public static bool TryRead(string value, out TimeSpan? timeout)
    {
        timeout = null;
        if (value.Length is < 2 or > 9 || !uint.TryParse(value.AsSpan(0, value.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        TimeSpan? read = value[^1] switch
        {
            'H' => TimeSpan.FromHours(number),
            'M' => TimeSpan.FromMinutes(number),
            'S' => TimeSpan.FromSeconds(number),
            'm' => TimeSpan.FromMilliseconds(number),
            'u' => TimeSpan.FromMicroseconds(number),
            'n' => TimeSpan.FromTicks(number / TimeSpan.NanosecondsPerTick),
            _ => null,
        };
        timeout = read > Endless ? null : read;
        return read is not null;
    }

    /// <summary>Digits, and perhaps an <c>n</c>. Null when it is not that: the header may be somebody else's.</summary>
    public static TimeSpan? ReadGoMicro(string value) =>
        long.TryParse(value.AsSpan().TrimEnd('n'), NumberStyles.None, CultureInfo.InvariantCulture, out var nanoseconds)
        && TimeSpan.FromTicks(nanoseconds / TimeSpan.NanosecondsPerTick) is var timeout && timeout <= Endless
            ? timeout : null;
}
