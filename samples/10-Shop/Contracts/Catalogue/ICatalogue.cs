namespace Shop.Contracts;

/// <summary>What the shop sells.</summary>
[MicroService("catalogue", Json = typeof(CatalogueJson))]
[Allow(Callers.TrustDomain)]
public interface ICatalogue
{
    /// <summary>Finds products by their article numbers. One that does not exist is NOT_FOUND.</summary>
    [Idempotent]
    Task<ProductList> FindAsync(ProductQuery query, CancellationToken cancellationToken = default);

    /// <summary>Lists all products, or those of one category.</summary>
    [Idempotent]
    IAsyncEnumerable<Product> ListAsync(CategoryQuery query, CancellationToken cancellationToken = default);
}
