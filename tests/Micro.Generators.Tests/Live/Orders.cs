using System.Runtime.CompilerServices;

namespace Micro.Generators.Tests.Live;

/// <summary>Answers with what it was asked, and keeps what it was given.</summary>
internal sealed class Orders : IOrders
{
    public List<object> Given { get; } = [];

    public Task<Receipt> PlaceAsync(Order order, CancellationToken cancellationToken = default)
    {
        Given.Add(cancellationToken);
        return Task.FromResult(ReceiptOf(order));
    }

    public async Task CancelAsync(string id, CallContext context)
    {
        await Task.Yield();
        Given.Add(id);
        Given.Add(context);
    }

    public async IAsyncEnumerable<Receipt> FollowAsync(Order order, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var _ in order.Lines)
        {
            await Task.Yield();
            yield return ReceiptOf(order);
        }
    }

    public async ValueTask<Receipt> ImportAsync(IAsyncEnumerable<Order> orders, CancellationToken cancellationToken = default) =>
        ReceiptOf(await orders.LastAsync(cancellationToken));

    public IAsyncEnumerable<Receipt> TradeAsync(IAsyncEnumerable<Order> orders, CancellationToken cancellationToken = default) => orders.Select(ReceiptOf);

    private static Receipt ReceiptOf(Order order) => new(order.Id, DateTimeOffset.UnixEpoch);
}
