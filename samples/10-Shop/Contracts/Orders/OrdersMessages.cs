using System.Text.Json;
using System.Text.Json.Serialization;

namespace Shop.Contracts;

/// <param name="OrderId">Chosen by the customer's side, so that an order sent twice is one order.</param>
/// <param name="CartId">The cart with the articles.</param>
/// <param name="Customer">Who orders.</param>
/// <param name="Country">ISO 3166 code of where it goes.</param>
/// <param name="Card">A token for the card that pays.</param>
/// <param name="Coupon">Null: none.</param>
public sealed record PlaceOrder(string OrderId, string CartId, string Customer, string Country, string Card, string? Coupon = null);

/// <param name="OrderId">The order.</param>
/// <param name="Total">Paid, in euros.</param>
/// <param name="ChargeId">The payment's id.</param>
/// <param name="Parcel">The parcel's number.</param>
/// <param name="PricedBy">The instance of pricing that calculated the total.</param>
public sealed record Receipt(string OrderId, decimal Total, string ChargeId, string Parcel, string PricedBy);

/// <param name="Count">How many, at most 1000.</param>
public sealed record LatestOrders(int Count = 10);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(PlaceOrder))]
[JsonSerializable(typeof(Receipt))]
[JsonSerializable(typeof(LatestOrders))]
public sealed partial class OrdersJson : JsonSerializerContext;
