using Shop.Contracts;

namespace Shop.Shipping;

/// <summary>The parcels, in memory; beyond the limit the oldest are forgotten. Thread-safe.</summary>
internal sealed class ParcelBook
{
    private const int MaxParcels = 100_000;
    private const int MaxUndelivered = 10_000;

    private readonly Lock _lock = new();
    private readonly OrderedDictionary<string, Parcel> _byOrder = [];
    private readonly List<ParcelOnItsWay> _undelivered = [];
    private int _number;

    /// <summary>Books a parcel, or finds the one booked before.</summary>
    /// <returns>The parcel, and whether it was there before; null when there is no room for one more.</returns>
    public (Parcel Parcel, bool Repeated)? Book(string orderId, string carrier, int days)
    {
        lock (_lock)
        {
            if (_byOrder.TryGetValue(orderId, out var earlier))
            {
                return (earlier, true);
            }

            if (_undelivered.Count >= MaxUndelivered)
            {
                return null;
            }

            var parcel = new Parcel($"P{++_number:D6}", carrier, days);
            _byOrder.Add(orderId, parcel);
            _undelivered.Add(new ParcelOnItsWay(orderId, parcel, OrderStep.Placed));
            if (_byOrder.Count > MaxParcels)
            {
                _byOrder.RemoveAt(0);
            }

            return (parcel, false);
        }
    }

    /// <summary>Takes every undelivered parcel one step further, and says which step that was.</summary>
    public IReadOnlyList<ParcelOnItsWay> Move()
    {
        lock (_lock)
        {
            var moved = _undelivered.ConvertAll(parcel => parcel with { Step = parcel.Step + 1 });
            _undelivered.Clear();
            _undelivered.AddRange(moved.Where(parcel => parcel.Step != OrderStep.Delivered));
            return moved;
        }
    }
}

internal sealed record ParcelOnItsWay(string OrderId, Parcel Parcel, OrderStep Step);
