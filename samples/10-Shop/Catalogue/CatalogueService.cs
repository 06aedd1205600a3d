using System.Runtime.CompilerServices;
using Shop.Contracts;

namespace Shop.Catalogue;

internal sealed class CatalogueService(ProductShelf shelf) : ICatalogue
{
    public Task<ProductList> FindAsync(ProductQuery query, CancellationToken cancellationToken = default)
    {
        var found = query.Skus.Select(sku => shelf.Find(sku) ?? throw new CallException(CallStatusCode.NotFound, $"There is no product '{sku}'."));
        return Task.FromResult(new ProductList([.. found]));
    }

    public async IAsyncEnumerable<Product> ListAsync(CategoryQuery query, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var product in shelf.Products.Where(product => query.Category is null || product.Category == query.Category))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return product;
        }

        await Task.CompletedTask;
    }
}
