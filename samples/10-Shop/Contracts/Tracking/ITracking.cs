namespace Shop.Contracts;

/// <summary>Where orders are.</summary>
[MicroService("tracking", Json = typeof(TrackingJson))]
public interface ITracking
{
    /// <summary>Notes what happened to an order. Noting it again changes nothing.</summary>
    [Idempotent]
    [Allow("orders")]
    Task NoteAsync(OrderEvent happened, CancellationToken cancellationToken = default);

    /// <summary>Notes what happened to many orders.</summary>
    [Allow("shipping")]
    Task<NotedEvents> NoteAllAsync(IAsyncEnumerable<OrderEvent> happened, CancellationToken cancellationToken = default);

    /// <summary>
    /// Follows orders live: name one after the other, and for each you get what has happened to it so far and what happens from now on.
    /// Ends when the last one named is delivered and you have said that there are no more.
    /// </summary>
    [Allow("storefront")]
    [Allow("micro-cli")]
    IAsyncEnumerable<OrderEvent> FollowAsync(IAsyncEnumerable<FollowOrder> orders, CancellationToken cancellationToken = default);
}
