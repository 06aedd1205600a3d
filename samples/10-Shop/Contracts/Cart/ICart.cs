namespace Shop.Contracts;

/// <summary>What customers mean to buy.</summary>
[MicroService("cart", Json = typeof(CartJson))]
[Allow("orders")]
public interface ICart
{
    /// <summary>Fills a cart as the lines come in. Replaces what was in it.</summary>
    [Allow("storefront")]
    Task<CartTotals> FillAsync(IAsyncEnumerable<CartLine> lines, CancellationToken cancellationToken = default);

    /// <summary>Shows a cart. One that is empty is NOT_FOUND.</summary>
    [Idempotent]
    Task<CartContent> ShowAsync(CartQuery query, CancellationToken cancellationToken = default);

    /// <summary>Empties a cart.</summary>
    [Idempotent]
    Task EmptyAsync(CartQuery query, CancellationToken cancellationToken = default);
}
