using Shop.Contracts;

namespace Shop.Pricing;

internal readonly record struct PricedLine(Product Product, int Quantity)
{
    public decimal Amount => Product.Price * Quantity;
}

/// <summary>Coupons, postage and VAT.</summary>
internal static class PriceRules
{
    private const decimal FreePostageFrom = 60m;

    public static Quote Apply(IReadOnlyList<PricedLine> lines, string country, string? coupon)
    {
        var goods = lines.Sum(line => line.Amount);
        var discount = Math.Round(Discount(lines, goods, coupon), 2);
        var postage = coupon == "POSTFREE" || goods - discount >= FreePostageFrom ? 0m : country == "DE" ? 4.90m : 9.50m;
        var total = goods - discount + postage;
        var rate = VatRate(country);
        return new Quote(goods, discount, postage, Math.Round(total * rate / (1 + rate), 2), total, lines.Sum(line => line.Product.Grams * line.Quantity), "");
    }

    private static decimal Discount(IReadOnlyList<PricedLine> lines, decimal goods, string? coupon) => coupon switch
    {
        null or "" or "POSTFREE" => 0m,
        "WELCOME10" => goods * 0.10m,
        "TEATIME" => lines.Where(line => line.Product.Category == "tea").Sum(line => line.Amount) * 0.20m,
        "FIVEOFF" => Math.Min(5m, goods),
        _ => throw new CallException(CallStatusCode.InvalidArgument, $"There is no coupon '{coupon}'."),
    };

    private static decimal VatRate(string country) => country switch
    {
        "DE" => 0.19m,
        "AT" or "FR" => 0.20m,
        "NL" => 0.21m,
        "DK" => 0.25m,
        _ => throw new CallException(CallStatusCode.InvalidArgument, $"Nothing is sent to '{country}'; try DE, AT, FR, NL or DK."),
    };
}
