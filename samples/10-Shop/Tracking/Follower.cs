using System.Threading.Channels;
using Shop.Contracts;

namespace Shop.Tracking;

/// <summary>One caller that follows orders. What it has not read yet waits here, up to a limit: one that does not read is sent away, not waited for. Thread-safe.</summary>
internal sealed class Follower(EventBoard board) : IDisposable
{
    private const int MaxUnread = 4096;
    private const int MaxOrders = 1000;

    private readonly Lock _lock = new();
    private readonly HashSet<string> _undelivered = [];
    private readonly Channel<OrderEvent> _events = Channel.CreateBounded<OrderEvent>(MaxUnread);
    private bool _noMore;

    public ChannelReader<OrderEvent> Events => _events.Reader;

    public void Add(string orderId)
    {
        lock (_lock)
        {
            if (_undelivered.Count >= MaxOrders)
            {
                throw new CallException(CallStatusCode.ResourceExhausted, $"One stream follows at most {MaxOrders} orders at once.");
            }

            if (!_undelivered.Add(orderId))
            {
                return;
            }
        }

        board.Follow(orderId, this);
    }

    /// <summary>The caller names no more orders: its stream ends with the last delivery.</summary>
    public void NoMore()
    {
        lock (_lock)
        {
            _noMore = true;
            EndIfDone();
        }
    }

    public void Fail(Exception reason) => _events.Writer.TryComplete(reason);

    public void Tell(OrderEvent happened)
    {
        lock (_lock)
        {
            if (!_events.Writer.TryWrite(happened))
            {
                _events.Writer.TryComplete(new CallException(CallStatusCode.ResourceExhausted, $"More than {MaxUnread} events were not read."));
            }

            if (happened.Step == OrderStep.Delivered)
            {
                _undelivered.Remove(happened.OrderId);
                EndIfDone();
            }
        }
    }

    public void Dispose()
    {
        string[] undelivered;
        lock (_lock)
        {
            undelivered = [.. _undelivered];
        }

        board.Leave(this, undelivered);
    }

    private void EndIfDone()
    {
        if (_noMore && _undelivered.Count == 0)
        {
            _events.Writer.TryComplete();
        }
    }
}
