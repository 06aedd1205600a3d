using System.Text.Json.Serialization;
using Micro.Security;

namespace Micro.Generators.Tests.Live;

/// <summary>A contract that is bound by the generator in the build of these tests, with a JSON context of the platform's own generator.</summary>
[MicroService("orders", Json = typeof(OrdersJson))]
[Allow(Callers.TrustDomain)]
public interface IOrders
{
    /// <summary>Places an order. Placing it again changes nothing.</summary>
    [Idempotent]
    Task<Receipt> PlaceAsync(Order order, CancellationToken cancellationToken = default);

    Task CancelAsync(string id, CallContext context);

    IAsyncEnumerable<Receipt> FollowAsync(Order order, CancellationToken cancellationToken = default);

    ValueTask<Receipt> ImportAsync(IAsyncEnumerable<Order> orders, CancellationToken cancellationToken = default);

    [Allow(Callers.Anyone)]
    IAsyncEnumerable<Receipt> TradeAsync(IAsyncEnumerable<Order> orders, CancellationToken cancellationToken = default);
}

public sealed record Order([property: RouteKey] string Id, decimal Total, IReadOnlyList<Line> Lines, OrderState State = OrderState.Open);

public sealed record Line(string Sku, int Count, string? Note = null);

public sealed record Receipt(string Id, DateTimeOffset At);

public enum OrderState
{
    Open,
    Closed,
}

[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Order))]
[JsonSerializable(typeof(Receipt))]
internal sealed partial class OrdersJson : JsonSerializerContext;
