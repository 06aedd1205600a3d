using Shop.Contracts;

namespace Shop.Orders;

/// <summary>
/// What it takes to place an order. Each step may be done again: when one fails on the way, the caller sends the order again and nothing is charged or shipped twice.
/// </summary>
internal sealed partial class OrderSteps(OrderServices services, TimeProvider clock, ILogger<OrderSteps> logger)
{
    public async Task<Receipt> PlaceAsync(PlaceOrder order, CancellationToken cancellationToken)
    {
        var cart = await services.Cart.ShowAsync(new CartQuery(order.CartId), cancellationToken);
        var quote = await services.Pricing.QuoteAsync(new QuoteRequest(cart.Lines, order.Country, order.Coupon), cancellationToken);
        var charge = await services.Payment.ChargeAsync(
            new ChargeRequest { OrderId = order.OrderId, Card = order.Card, Cents = (long)(quote.Total * 100), Currency = "EUR" }, cancellationToken);
        var parcel = await services.Shipping.BookAsync(new BookParcel(order.OrderId, order.Country, quote.Grams), cancellationToken);
        await services.Tracking.NoteAsync(new OrderEvent(order.OrderId, OrderStep.Placed, clock.GetUtcNow(), $"{quote.Total:0.00} €"), cancellationToken);
        await services.Cart.EmptyAsync(new CartQuery(order.CartId), cancellationToken);
        Placed(order.OrderId, order.Customer, quote.Total, quote.PricedBy, parcel.Number);
        return new Receipt(order.OrderId, quote.Total, charge.ChargeId, parcel.Number, quote.PricedBy);
    }

    [LoggerMessage(1, LogLevel.Information, "{Order} placed for {Customer}: {Total:0.00} €, priced by {PricedBy}, parcel {Parcel}")]
    private partial void Placed(string order, string customer, decimal total, string pricedBy, string parcel);
}
