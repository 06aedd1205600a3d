using System.Text.Json;
using System.Text.Json.Serialization;

namespace Shop.Contracts;

/// <summary>What happens to an order, in this order.</summary>
public enum OrderStep
{
    Placed,
    Packed,
    OnItsWay,
    Delivered,
}

/// <param name="OrderId">Which order.</param>
/// <param name="Step">What happened; each happens once.</param>
/// <param name="At">When.</param>
/// <param name="Note">For people.</param>
public sealed record OrderEvent(string OrderId, OrderStep Step, DateTimeOffset At, string Note = "");

public sealed record NotedEvents(int Count);

public sealed record FollowOrder(string OrderId);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(OrderEvent))]
[JsonSerializable(typeof(NotedEvents))]
[JsonSerializable(typeof(FollowOrder))]
public sealed partial class TrackingJson : JsonSerializerContext;
