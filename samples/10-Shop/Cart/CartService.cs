using Shop.Contracts;

namespace Shop.Cart;

internal sealed class CartService(CartShelf shelf) : ICart
{
    private const int MaxLines = 100;

    public async Task<CartTotals> FillAsync(IAsyncEnumerable<CartLine> lines, CancellationToken cancellationToken = default)
    {
        string? cartId = null;
        var content = new List<OrderLine>();
        await foreach (var line in lines.WithCancellation(cancellationToken))
        {
            cartId ??= line.CartId;
            Check(line.CartId == cartId, "All lines of a stream are for one cart.");
            Check(line.Quantity is >= 1 and <= 99, $"{line.Sku}: a quantity is 1 to 99.");
            Check(content.Count < MaxLines, $"A cart has at most {MaxLines} lines.");
            content.Add(new OrderLine(line.Sku, line.Quantity));
        }

        Check(cartId is not null, "A cart needs at least one line.");
        shelf.Put(cartId!, content);
        return new CartTotals(content.Count, content.Sum(line => line.Quantity));
    }

    public Task<CartContent> ShowAsync(CartQuery query, CancellationToken cancellationToken = default) =>
        shelf.Find(query.CartId) is { } lines
            ? Task.FromResult(new CartContent(query.CartId, lines))
            : throw new CallException(CallStatusCode.NotFound, $"Cart '{query.CartId}' is empty.");

    public Task EmptyAsync(CartQuery query, CancellationToken cancellationToken = default)
    {
        shelf.Remove(query.CartId);
        return Task.CompletedTask;
    }

    private static void Check(bool holds, string rule)
    {
        if (!holds)
        {
            throw new CallException(CallStatusCode.InvalidArgument, rule);
        }
    }
}
