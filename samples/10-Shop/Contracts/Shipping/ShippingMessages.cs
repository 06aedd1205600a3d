using System.Text.Json;
using System.Text.Json.Serialization;

namespace Shop.Contracts;

public sealed record BookParcel(string OrderId, string Country, int Grams);

/// <param name="Number">Number of the parcel.</param>
/// <param name="Carrier">Who brings it.</param>
/// <param name="Days">How long that takes.</param>
public sealed record Parcel(string Number, string Carrier, int Days);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(BookParcel))]
[JsonSerializable(typeof(Parcel))]
public sealed partial class ShippingJson : JsonSerializerContext;
