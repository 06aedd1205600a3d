using System.Text.Json;
using System.Text.Json.Serialization;
using Micro.Codecs;
using Micro.MessagePack;
using PolyType;

namespace Snippets.Codecs;

public sealed record Order(string OrderId, int Quantity);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Order))]
internal sealed partial class ShopJson : JsonSerializerContext;

[JsonSerializable(typeof(Order))]
internal sealed partial class StockJson : JsonSerializerContext;

[GenerateShapeFor(typeof(Order))]
internal sealed partial class ShopShapes;

public static class Adding
{
    public static void Add(IHostApplicationBuilder builder)
    {
        builder.AddMicro("shop").AddMessagePack(ShopShapes.GeneratedTypeShapeProvider);
        builder.AddMicro("shop").AddJson(StockJson.Default);
    }
}
