using Shop.Contracts;

namespace Shop.Cart;

/// <summary>The carts, in memory; beyond the limit the oldest are thrown away. Thread-safe.</summary>
internal sealed class CartShelf
{
    private const int MaxCarts = 10_000;

    private readonly Lock _lock = new();
    private readonly OrderedDictionary<string, IReadOnlyList<OrderLine>> _carts = [];

    public void Put(string cartId, IReadOnlyList<OrderLine> lines)
    {
        lock (_lock)
        {
            _carts[cartId] = lines;
            if (_carts.Count > MaxCarts)
            {
                _carts.RemoveAt(0);
            }
        }
    }

    public IReadOnlyList<OrderLine>? Find(string cartId)
    {
        lock (_lock)
        {
            return _carts.GetValueOrDefault(cartId);
        }
    }

    public void Remove(string cartId)
    {
        lock (_lock)
        {
            _carts.Remove(cartId);
        }
    }
}
