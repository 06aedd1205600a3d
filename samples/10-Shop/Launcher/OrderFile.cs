using System.Text.Json;
using System.Text.Json.Serialization;
using Shop.Contracts;

namespace Shop.Launcher;

/// <summary>A line of the file of orders: an order and the articles that were put into its cart.</summary>
internal sealed record OrderFileLine(string Id, string Customer, string Country, string Card, string? Coupon, IReadOnlyList<OrderLine> Items)
{
    public PlaceOrder Order => new(Id, CartId, Customer, Country, Card, Coupon);

    public IEnumerable<CartLine> Cart => Items.Select(item => new CartLine(CartId, item.Sku, item.Quantity));

    private string CartId => $"cart-{Id}";
}

/// <summary>The input: one order a line, as JSON.</summary>
internal static class OrderFile
{
    /// <summary>In the folder of the sample, above the launcher's output.</summary>
    public static string Default => Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../orders.jsonl"));

    /// <exception cref="InvalidDataException">A line is no order, or an id is there twice.</exception>
    public static async Task<IReadOnlyList<OrderFileLine>> ReadAsync(string path)
    {
        var orders = new List<OrderFileLine>();
        await foreach (var line in File.ReadLinesAsync(path))
        {
            try
            {
                orders.Add(JsonSerializer.Deserialize(line, OrderFileJson.Default.OrderFileLine)!);
            }
            catch (JsonException e)
            {
                throw new InvalidDataException($"Line {orders.Count + 1} of {path} is no order: {e.Message}", e);
            }
        }

        return orders.Count > 0 && orders.DistinctBy(order => order.Id).Count() == orders.Count
            ? orders
            : throw new InvalidDataException($"{path} has no orders, or two with the same id.");
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(OrderFileLine))]
internal sealed partial class OrderFileJson : JsonSerializerContext;
