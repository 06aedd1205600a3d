namespace Shop.Contracts;

/// <summary>Where orders are.</summary>
[MicroService("tracking", Json = typeof(TrackingJson))]
[Allow(Callers.TrustDomain)]
public interface ITracking
{
    /// <summary>Notes what happened to an order. Noting it again changes nothing.</summary>
    [Idempotent]
    Task NoteAsync(OrderEvent happened, CancellationToken cancellationToken = default);

    /// <summary>Notes what happened to many orders.</summary>
    Task<NotedEvents> NoteAllAsync(IAsyncEnumerable<OrderEvent> happened, CancellationToken cancellationToken = default);

    /// <summary>
    /// Follows orders live: name one after the other, and for each you get what has happened to it so far and what happens from now on.
    /// Ends when the last one named is delivered and you have said that there are no more.
    /// </summary>
    IAsyncEnumerable<OrderEvent> FollowAsync(IAsyncEnumerable<FollowOrder> orders, CancellationToken cancellationToken = default);
}
