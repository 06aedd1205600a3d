using Shop.Contracts;

namespace Shop.Shipping;

internal sealed partial class ShippingService(ParcelBook book, ILogger<ShippingService> logger) : IShipping
{
    public Task<Parcel> BookAsync(BookParcel request, CancellationToken cancellationToken = default)
    {
        var (carrier, days) = request.Country == "DE" ? ("Postwagen", 2) : request.Grams < 2_000 ? ("Luftpost", 3) : ("Frachtschiff", 9);
        if (book.Book(request.OrderId, carrier, days) is not var (parcel, repeated))
        {
            throw new CallException(CallStatusCode.ResourceExhausted, "The store room is full; try again later.");
        }

        if (!repeated)
        {
            Booked(request.OrderId, parcel.Number, request.Grams, request.Country, carrier);
        }

        return Task.FromResult(parcel);
    }

    [LoggerMessage(1, LogLevel.Information, "{Order} goes as parcel {Parcel}, {Grams} g to {Country} by {Carrier}")]
    private partial void Booked(string order, string parcel, int grams, string country, string carrier);
}
