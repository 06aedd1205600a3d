using Microsoft.Extensions.Options;
using Shop.Contracts;

namespace Shop.Pricing;

/// <summary>Keeps no state, so any instance can answer any call, and a call that failed on one can be sent to another.</summary>
internal sealed partial class PricingService(
    ICatalogue catalogue, IOptions<MicroInstanceOptions> instance, ILogger<PricingService> logger) : IPricing
{
    public async Task<Quote> QuoteAsync(QuoteRequest request, CancellationToken cancellationToken = default)
    {
        if (request.Lines is not { Count: > 0 } lines)
        {
            throw new CallException(CallStatusCode.InvalidArgument, "A quote needs at least one line.");
        }

        var found = await catalogue.FindAsync(new ProductQuery([.. lines.Select(line => line.Sku)]), cancellationToken);
        var priced = lines.Zip(found.Products, (line, product) => new PricedLine(product, line.Quantity)).ToArray();
        var quote = PriceRules.Apply(priced, request.Country, request.Coupon);
        Quoted(lines.Count, quote.Total, request.Coupon ?? "no coupon");
        return quote with { PricedBy = instance.Value.Metadata.TryGetValue("name", out var name) ? name : "pricing" };
    }

    [LoggerMessage(1, LogLevel.Information, "{Lines} lines cost {Total:0.00} € ({Coupon})")]
    private partial void Quoted(int lines, decimal total, string coupon);
}
