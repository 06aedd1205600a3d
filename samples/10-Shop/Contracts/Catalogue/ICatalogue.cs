namespace Shop.Contracts;

/// <summary>What the shop sells.</summary>
[MicroService("catalogue", Json = typeof(CatalogueJson))]
public interface ICatalogue
{
    /// <summary>Finds products by their article numbers. One that does not exist is NOT_FOUND.</summary>
    [Idempotent]
    [Allow("pricing")]
    Task<ProductList> FindAsync(ProductQuery query, CancellationToken cancellationToken = default);

    /// <summary>Lists all products, or those of one category.</summary>
    [Idempotent]
    [Allow("storefront")]
    [Allow("micro-cli")]
    IAsyncEnumerable<Product> ListAsync(CategoryQuery query, CancellationToken cancellationToken = default);
}
