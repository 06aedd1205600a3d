namespace Shop.Contracts;

/// <summary>Gets it there.</summary>
[MicroService("shipping", Json = typeof(ShippingJson))]
[Allow("orders")]
public interface IShipping
{
    /// <summary>Books a parcel for an order. Booking again answers with the same parcel.</summary>
    [Idempotent]
    Task<Parcel> BookAsync(BookParcel request, CancellationToken cancellationToken = default);
}
