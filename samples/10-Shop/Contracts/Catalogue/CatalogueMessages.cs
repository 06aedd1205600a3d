using System.Text.Json;
using System.Text.Json.Serialization;

namespace Shop.Contracts;

/// <param name="Sku">Article number, e.g. <c>TEA-ASSAM-100</c>.</param>
/// <param name="Name">For people.</param>
/// <param name="Category">E.g. <c>tea</c>.</param>
/// <param name="Price">In euros.</param>
/// <param name="Grams">Weight with its packing.</param>
public sealed record Product(string Sku, string Name, string Category, decimal Price, int Grams);

public sealed record ProductQuery(IReadOnlyList<string> Skus);

public sealed record ProductList(IReadOnlyList<Product> Products);

/// <param name="Category">Null: all.</param>
public sealed record CategoryQuery(string? Category = null);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ProductQuery))]
[JsonSerializable(typeof(ProductList))]
[JsonSerializable(typeof(CategoryQuery))]
[JsonSerializable(typeof(Product))]
public sealed partial class CatalogueJson : JsonSerializerContext;
