using System.Text.Json;
using System.Text.Json.Serialization;
using PolyType;

namespace Micro.Benchmarks.Codecs;

internal sealed record OrderLine(string Sku, int Quantity);

internal sealed record OrderMessage(string OrderId, string Customer, decimal Total, bool Express, List<OrderLine> Lines)
{
    public static OrderMessage Sample { get; } = new("order-000017", "Käthe", 59.70m, true, [new("tea", 3), new("cake", 1), new("mug", 2)]);
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(OrderMessage))]
internal sealed partial class OrderJson : JsonSerializerContext;

[JsonSerializable(typeof(OrderMessage))]
internal sealed partial class OrderJsonWithoutOptions : JsonSerializerContext;

[GenerateShapeFor(typeof(OrderMessage))]
internal sealed partial class OrderShapes;
