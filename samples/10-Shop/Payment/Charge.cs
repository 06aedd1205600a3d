using System.Text.Json;
using System.Text.Json.Serialization;

namespace Shop.Payment;

/// <summary>A line of the journal.</summary>
/// <param name="V">Version of the format, 1.</param>
/// <param name="Id">Number of the charge.</param>
/// <param name="Order">What was paid for.</param>
/// <param name="Card">What it was paid with.</param>
/// <param name="Cents">How much, in cents.</param>
/// <param name="At">When.</param>
internal sealed record Charge(int V, string Id, string Order, string Card, long Cents, DateTimeOffset At);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(Charge))]
internal sealed partial class ChargeJson : JsonSerializerContext;
