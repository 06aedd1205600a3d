namespace Shop.Contracts;

/// <summary>What it costs.</summary>
[MicroService("pricing", Json = typeof(PricingJson))]
[Allow("orders")]
[Allow("micro-cli")]
public interface IPricing
{
    /// <summary>Prices the lines of an order, with discounts, postage and VAT.</summary>
    [Idempotent]
    Task<Quote> QuoteAsync(QuoteRequest request, CancellationToken cancellationToken = default);
}
