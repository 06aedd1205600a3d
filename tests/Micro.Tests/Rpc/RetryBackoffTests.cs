using Micro.Internal;
using Micro.Rpc;

namespace Micro.Tests.Rpc;

public sealed class RetryBackoffTests
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(50);

    [Theory]
    [InlineData(1, 50)]
    [InlineData(2, 80)]
    [InlineData(3, 128)]
    [InlineData(4, 204.8)]
    [InlineData(8, 1000)]
    [InlineData(1000, 1000)]
    public void LB_6_Delays_grow_to_a_second_with_a_jitter_of_a_fifth(int retry, double milliseconds)
    {
        var backoff = new RetryBackoff(First, new RandomSource(1));
        var delays = Enumerable.Range(0, 2000).Select(_ => backoff.Delay(retry, notProcessed: false, pushback: null).TotalMilliseconds / milliseconds).ToList();
        Assert.InRange(delays.Min(), 0.7999, 0.81);
        Assert.InRange(delays.Max(), 1.19, 1.2001);
        Assert.InRange(delays.Average(), 0.99, 1.01);
    }

    [Fact]
    public void LB_6_Only_the_first_retry_of_what_was_not_processed_need_not_wait()
    {
        var backoff = new RetryBackoff(First, new RandomSource(2));
        Assert.Equal(TimeSpan.Zero, backoff.Delay(1, notProcessed: true, pushback: null));
        Assert.InRange(backoff.Delay(2, notProcessed: true, pushback: null).TotalMilliseconds, 64, 96);
    }

    [Fact]
    public void LB_6_What_the_server_asks_for_is_honoured_to_the_letter()
    {
        var backoff = new RetryBackoff(First, new RandomSource(3));
        foreach (var asked in (double[])[0, 10, 4321])
        {
            Assert.Equal(asked, backoff.Delay(1, notProcessed: true, TimeSpan.FromMilliseconds(asked)).TotalMilliseconds);
            Assert.Equal(asked, backoff.Delay(4, notProcessed: false, TimeSpan.FromMilliseconds(asked)).TotalMilliseconds);
        }
    }

    [Fact]
    public void LB_6_A_negative_pushback_is_no_delay()
    {
        var backoff = new RetryBackoff(First, new RandomSource(4));
        Assert.Throws<ArgumentOutOfRangeException>(() => backoff.Delay(1, notProcessed: false, TimeSpan.FromMilliseconds(-1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => backoff.Delay(0, notProcessed: false, pushback: null));
    }

    [Fact]
    public void LB_6_The_first_delay_is_configurable()
    {
        Assert.InRange(new RetryBackoff(TimeSpan.FromSeconds(3), new RandomSource(5)).Delay(3, false, null).TotalSeconds, 2.4, 3.6);
        Assert.Equal(TimeSpan.Zero, new RetryBackoff(TimeSpan.Zero, new RandomSource(5)).Delay(3, false, null));
    }
}
