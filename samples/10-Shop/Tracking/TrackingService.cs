using System.Runtime.CompilerServices;
using Shop.Contracts;

namespace Shop.Tracking;

internal sealed partial class TrackingService(EventBoard board, ILogger<TrackingService> logger) : ITracking
{
    public Task NoteAsync(OrderEvent happened, CancellationToken cancellationToken = default)
    {
        board.Note(happened);
        return Task.CompletedTask;
    }

    public async Task<NotedEvents> NoteAllAsync(IAsyncEnumerable<OrderEvent> happened, CancellationToken cancellationToken = default)
    {
        var count = 0;
        await foreach (var one in happened.WithCancellation(cancellationToken))
        {
            board.Note(one);
            count++;
        }

        return new NotedEvents(count);
    }

    public async IAsyncEnumerable<OrderEvent> FollowAsync(
        IAsyncEnumerable<FollowOrder> orders, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var follower = new Follower(board);
        FollowerCame();

        // Both directions at once: the caller names orders while it gets the events of others.
        var naming = NameAsync(orders, follower, cancellationToken);
        await foreach (var happened in follower.Events.ReadAllAsync(cancellationToken))
        {
            yield return happened;
        }

        FollowerWent(await naming);
    }

    private static async Task<int> NameAsync(IAsyncEnumerable<FollowOrder> orders, Follower follower, CancellationToken cancellationToken)
    {
        var count = 0;
        try
        {
            await foreach (var order in orders.WithCancellation(cancellationToken))
            {
                follower.Add(order.OrderId);
                count++;
            }

            follower.NoMore();
        }
        catch (Exception e)
        {
            follower.Fail(e);
        }

        return count;
    }

    [LoggerMessage(1, LogLevel.Information, "A follower came")]
    private partial void FollowerCame();

    [LoggerMessage(2, LogLevel.Information, "A follower went; all {Count} orders it followed are delivered")]
    private partial void FollowerWent(int count);
}
