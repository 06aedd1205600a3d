using System.Runtime.CompilerServices;
using Shop.Contracts;

namespace Shop.Orders;

internal sealed class OrdersService(OrderBook book, OrderSteps steps) : IOrders
{
    public Task<Receipt> PlaceOrderAsync(PlaceOrder order, CancellationToken cancellationToken = default) =>
        book.PlaceOnceAsync(order.OrderId, () => steps.PlaceAsync(order, cancellationToken), cancellationToken);

    public async IAsyncEnumerable<Receipt> LatestAsync(LatestOrders query, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var receipt in book.Latest.Take(query.Count))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return receipt;
        }

        await Task.CompletedTask;
    }
}
