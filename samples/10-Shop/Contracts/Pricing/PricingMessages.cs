using System.Text.Json;
using System.Text.Json.Serialization;

namespace Shop.Contracts;

/// <param name="Lines">1 or more.</param>
/// <param name="Country">ISO 3166 code of where it goes; decides on postage and VAT.</param>
/// <param name="Coupon">E.g. <c>WELCOME10</c>; null: none.</param>
public sealed record QuoteRequest(IReadOnlyList<OrderLine> Lines, string Country = "DE", string? Coupon = null);

/// <summary>Amounts in euros.</summary>
/// <param name="Goods">All lines at their list price.</param>
/// <param name="Discount">What the coupon takes off.</param>
/// <param name="Postage">Free above 60 €.</param>
/// <param name="Vat">Contained in the total.</param>
/// <param name="Total">What is to be paid.</param>
/// <param name="Grams">Weight of the parcel.</param>
/// <param name="PricedBy">The instance that answered.</param>
public sealed record Quote(decimal Goods, decimal Discount, decimal Postage, decimal Vat, decimal Total, int Grams, string PricedBy);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(QuoteRequest))]
[JsonSerializable(typeof(Quote))]
public sealed partial class PricingJson : JsonSerializerContext;
