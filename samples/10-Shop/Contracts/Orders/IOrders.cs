namespace Shop.Contracts;

/// <summary>Turns carts into orders.</summary>
[MicroService("orders", Json = typeof(OrdersJson))]
[Allow("storefront")]
public interface IOrders
{
    /// <summary>Places an order for what is in a cart: prices, charges, ships. Placing it again answers with the receipt of the first time.</summary>
    [Idempotent]
    Task<Receipt> PlaceOrderAsync(PlaceOrder order, CancellationToken cancellationToken = default);

    /// <summary>Lists the orders placed last, the newest first.</summary>
    [Idempotent]
    [Allow("micro-cli")]
    IAsyncEnumerable<Receipt> LatestAsync(LatestOrders query, CancellationToken cancellationToken = default);
}
