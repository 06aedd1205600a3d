using System.Text.Json;
using System.Text.Json.Serialization;

namespace Shop.Contracts;

/// <param name="CartId">The same for all lines of a stream.</param>
/// <param name="Sku">Article number.</param>
/// <param name="Quantity">1 to 99.</param>
public sealed record CartLine(string CartId, string Sku, int Quantity);

public sealed record CartTotals(int Lines, int Articles);

public sealed record CartQuery([property: RouteKey] string CartId);

public sealed record CartContent(string CartId, IReadOnlyList<OrderLine> Lines);

public sealed record OrderLine(string Sku, int Quantity);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(CartLine))]
[JsonSerializable(typeof(CartTotals))]
[JsonSerializable(typeof(CartQuery))]
[JsonSerializable(typeof(CartContent))]
public sealed partial class CartJson : JsonSerializerContext;
