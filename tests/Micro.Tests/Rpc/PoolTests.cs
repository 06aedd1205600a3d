using System.Buffers;
using Micro.Internal;
using Micro.Rpc;
using Micro.Transport;
using Microsoft.Extensions.Time.Testing;

namespace Micro.Tests.Rpc;

/// <summary>What a call takes from a pool is given back clean, and a pool keeps no more than it may.</summary>
public sealed class PoolTests
{
    [Fact]
    public void A_message_has_the_bytes_it_was_given_and_none_after()
    {
        using (var first = CallMessage.Copy(new byte[] { 1, 2, 3, 4, 5 }))
        {
            Assert.Equal([1, 2, 3, 4, 5], first.Memory.ToArray());
        }

        using var second = CallMessage.Copy(new ReadOnlySequence<byte>(new byte[] { 9 }));
        Assert.Equal([9], second.Memory.ToArray());
        var empty = CallMessage.Copy(default(ReadOnlySpan<byte>));
        Assert.Equal(0, empty.Memory.Length);
        empty.Dispose();
        empty.Dispose();
        Assert.Throws<ObjectDisposedException>(() => empty.Memory);
    }

    [Fact]
    public void Steady_messages_allocate_nothing_and_two_at_once_share_nothing()
    {
        CallMessage.Copy([1]).Dispose();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var bytes = 0;
        for (var i = 0; i < 1000; i++)
        {
            CallMessage.Rent(100, out var memory).Dispose();
            bytes += memory.Length;
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1000);
        Assert.Equal(100_000, bytes);
        using var one = CallMessage.Rent(8, out var first);
        using var two = CallMessage.Rent(8, out var second);
        first.Span.Fill(1);
        second.Span.Fill(2);
        Assert.Equal(1, one.Memory.Span[7]);
        Assert.Equal(2, two.Memory.Span[0]);
    }

    [Fact]
    public void A_buffer_grows_and_comes_back_empty()
    {
        using (var writer = PooledBufferWriter.Rent())
        {
            for (var i = 0; i < 10_000; i++)
            {
                writer.GetSpan(4)[..4].Fill((byte)i);
                writer.Advance(4);
            }

            Assert.Equal(40_000, writer.WrittenCount);
            Assert.All(Enumerable.Range(0, 10_000), i => Assert.Equal((byte)i, writer.WrittenMemory.Span[(i * 4) + 3]));
            Assert.Throws<InvalidOperationException>(() => writer.Advance(1_000_000));
            Assert.Throws<ArgumentOutOfRangeException>(() => writer.Advance(-1));
        }

        using var again = PooledBufferWriter.Rent();
        Assert.Equal(0, again.WrittenCount);
        Assert.True(again.WrittenMemory.IsEmpty);
    }

    [Fact]
    public void A_thread_keeps_one_spare_buffer_and_no_large_one()
    {
        PooledBufferWriter.Rent().Dispose();
        var spare = PooledBufferWriter.Rent();
        var second = PooledBufferWriter.Rent();
        Assert.NotSame(spare, second);
        spare.Dispose();
        second.Dispose();
        second.Dispose();
        var large = PooledBufferWriter.Rent();
        Assert.Same(spare, large);
        large.GetSpan(100 * 1024);
        large.Dispose();
        Assert.NotSame(large, PooledBufferWriter.Rent());
    }

    [Fact]
    public async Task A_cancellation_that_fired_or_was_linked_is_not_seen_by_the_next_call()
    {
        var token = TestContext.Current.CancellationToken;
        using var caller = new CancellationTokenSource();
        var first = CallCancellation.Rent(TimeProvider.System);
        first.Link(caller.Token);
        first.CancelAfter(TimeSpan.FromHours(1));
        var ofFirst = first.Token;
        first.Dispose();
        var second = CallCancellation.Rent(TimeProvider.System);
        Assert.Same(first, second);
        await caller.CancelAsync();
        Assert.False(second.Token.IsCancellationRequested);
        Assert.Equal(ofFirst, second.Token);

        second.Cancel();
        Assert.True(second.Token.IsCancellationRequested);
        second.Dispose();
        var third = CallCancellation.Rent(TimeProvider.System);
        Assert.NotSame(second, third);
        Assert.False(third.Token.IsCancellationRequested);

        third.Link(caller.Token);
        Assert.True(third.Token.IsCancellationRequested);
        third.Dispose();
        token.ThrowIfCancellationRequested();
    }

    [Fact]
    public void A_callback_of_an_earlier_call_is_not_called_for_the_next()
    {
        var called = 0;
        var first = CallCancellation.Rent(TimeProvider.System);
        first.Token.Register(() => called++);
        first.Dispose();
        var second = CallCancellation.Rent(TimeProvider.System);
        Assert.Same(first, second);
        second.Cancel();
        second.Dispose();
        Assert.Equal(0, called);
    }

    [Fact]
    public void A_cancellation_whose_token_users_see_is_not_used_again()
    {
        var clock = new FakeTimeProvider();
        var failures = new List<Exception>();
        var first = CallCancellation.Create(clock, failures.Add);
        var token = first.Token;
        first.CancelAfter(TimeSpan.FromSeconds(1));
        first.CancelAfter(TimeSpan.FromSeconds(3));
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.False(token.IsCancellationRequested);
        first.Dispose();
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.False(token.IsCancellationRequested);
        using var second = CallCancellation.Create(clock, failures.Add);
        Assert.NotEqual(token, second.Token);
        second.Token.Register(() => throw new DivideByZeroException());
        second.CancelAfter(TimeSpan.FromSeconds(1));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(second.Token.IsCancellationRequested);
        Assert.IsType<DivideByZeroException>(Assert.Single(failures).InnerException);
        first.Cancel();
    }

    [Fact]
    public void A_call_has_at_most_three_links()
    {
        using var caller = new CancellationTokenSource();
        using var cancellation = CallCancellation.Create(TimeProvider.System, _ => { });
        var none = CancellationToken.None;
        cancellation.Link(none);
        cancellation.Link(caller.Token);
        cancellation.Link(caller.Token);
        cancellation.Link(caller.Token);
        Assert.Throws<InvalidOperationException>(() => cancellation.Link(caller.Token));
    }

    [Fact]
    public void Steady_calls_share_one_cancellation_without_allocating()
    {
        Use();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            Use();
        }

        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 1000, 0, 8);

        static void Use()
        {
            var cancellation = CallCancellation.Rent(TimeProvider.System);
            cancellation.CancelAfter(TimeSpan.FromMinutes(1));
            cancellation.Dispose();
        }
    }
}
