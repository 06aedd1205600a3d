using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization;
using Shop.Contracts;

namespace Shop.Catalogue;

/// <summary>All products, in memory. Immutable.</summary>
internal sealed class ProductShelf
{
    private readonly FrozenDictionary<string, Product> _bySku;

    private ProductShelf(IReadOnlyList<Product> products)
    {
        Products = products;
        _bySku = products.ToFrozenDictionary(product => product.Sku);
    }

    public IReadOnlyList<Product> Products { get; }

    public static async Task<ProductShelf> LoadAsync(string path)
    {
        await using var file = File.OpenRead(path);
        var products = await JsonSerializer.DeserializeAsync(file, ProductFileJson.Default.ProductArray)
            ?? throw new InvalidDataException($"There are no products in {path}.");
        return new ProductShelf(products);
    }

    public Product? Find(string sku) => _bySku.GetValueOrDefault(sku);
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(Product[]))]
internal sealed partial class ProductFileJson : JsonSerializerContext;
