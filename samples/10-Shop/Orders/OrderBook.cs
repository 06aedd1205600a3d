using System.Collections.Concurrent;
using Shop.Contracts;

namespace Shop.Orders;

/// <summary>The orders placed, in memory. An order that comes again, even while the first is being worked on, is placed once. Thread-safe.</summary>
internal sealed class OrderBook
{
    private const int MaxLatest = 1000;
    private const int MaxOrders = 1_000_000;

    private readonly ConcurrentDictionary<string, Entry> _entries = new();
    private readonly Lock _lock = new();
    private readonly LinkedList<Receipt> _latest = [];

    /// <summary>The receipts of the orders placed last, the newest first; at most 1000.</summary>
    public IReadOnlyList<Receipt> Latest
    {
        get
        {
            lock (_lock)
            {
                return [.. _latest];
            }
        }
    }

    /// <summary>Places an order unless it was placed. Who comes while another call is at it waits for that; if it fails, the next tries.</summary>
    public async Task<Receipt> PlaceOnceAsync(string orderId, Func<Task<Receipt>> place, CancellationToken cancellationToken)
    {
        if (_entries.Count >= MaxOrders)
        {
            // To forget one would be to risk placing it again.
            throw new CallException(CallStatusCode.ResourceExhausted, $"The book is full: it holds {MaxOrders} orders.");
        }

        var entry = _entries.GetOrAdd(orderId, static _ => new Entry());
        await entry.Turn.WaitAsync(cancellationToken);
        try
        {
            if (entry.Receipt is null)
            {
                entry.Receipt = await place();
                Remember(entry.Receipt);
            }

            return entry.Receipt;
        }
        finally
        {
            entry.Turn.Release();
        }
    }

    private void Remember(Receipt receipt)
    {
        lock (_lock)
        {
            _latest.AddFirst(receipt);
            if (_latest.Count > MaxLatest)
            {
                _latest.RemoveLast();
            }
        }
    }

    private sealed class Entry
    {
        public SemaphoreSlim Turn { get; } = new(1, 1);

        public Receipt? Receipt { get; set; }
    }
}
