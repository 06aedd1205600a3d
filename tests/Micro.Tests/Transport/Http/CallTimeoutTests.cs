using CsCheck;
using Micro.Transport.Http;

namespace Micro.Tests.Transport.Http;

public sealed class CallTimeoutTests
{
    [Fact]
    public void TRN_4_A_deadline_is_sent_in_eight_digits_and_never_shortened() => Gen.Long[1, TimeSpan.FromDays(100_000).Ticks].Sample(ticks =>
    {
        var timeout = new TimeSpan(ticks);
        var text = CallTimeout.Format(timeout);
        Assert.InRange(text.Length, 2, 9);
        Assert.True(CallTimeout.TryParse(text, out var parsed));
        Assert.InRange(parsed, timeout, (timeout * 1.0001) + TimeSpan.FromMicroseconds(1));
    });

    [Fact]
    public void TRN_4_Units_are_those_of_gRPC()
    {
        foreach (var (text, expected) in new[]
        {
            ("1H", TimeSpan.FromHours(1)), ("2M", TimeSpan.FromMinutes(2)), ("3S", TimeSpan.FromSeconds(3)), ("4m", TimeSpan.FromMilliseconds(4)),
            ("5u", TimeSpan.FromMicroseconds(5)), ("600n", new TimeSpan(6)), ("0S", TimeSpan.Zero), ("99999999H", TimeSpan.FromHours(99_999_999)),
        })
        {
            Assert.True(CallTimeout.TryParse(text, out var parsed), text);
            Assert.Equal(expected, parsed);
        }

        foreach (var text in new[] { "", "S", "5", "5x", "-5S", "+5S", " 5S", "5 S", "123456789S", "5SS", "1e3S", "５S" })
        {
            Assert.False(CallTimeout.TryParse(text, out _), text);
        }
    }

    [Fact]
    public void TRN_4_A_deadline_that_has_passed_arrives_as_passed()
    {
        Assert.True(CallTimeout.TryParse(CallTimeout.Format(TimeSpan.FromSeconds(-1)), out var parsed));
        Assert.True(parsed <= TimeSpan.Zero);
    }

    [Fact]
    public void TRN_4_The_nanoseconds_of_go_micro_are_read()
    {
        Assert.True(CallTimeout.TryParseNanoseconds("5000000000", out var bare));
        Assert.True(CallTimeout.TryParseNanoseconds("5000000000n", out var suffixed));
        Assert.Equal([TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5)], [bare, suffixed]);
        foreach (var text in new[] { "", "n", "5s", "-1", "1234567890123456789" })
        {
            Assert.False(CallTimeout.TryParseNanoseconds(text, out _), text);
        }
    }
}
