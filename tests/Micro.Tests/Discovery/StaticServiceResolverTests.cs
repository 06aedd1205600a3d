using Micro.Discovery;
using Micro.Testing.Discovery;
using Micro.Transport;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace Micro.Tests.Discovery;

public sealed class StaticServiceResolverTests
{
    private readonly IConfigurationRoot _configuration = new ConfigurationBuilder().AddInMemoryCollection().Build();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task R01_Both_forms_of_configuration_are_found()
    {
        Set("Micro:Services:cart:Addresses:0", "grpc+insecure://10.0.0.1:5001");
        Set("Micro:Services:cart:Addresses:1", "grpc+insecure://10.0.0.2:5001");
        Set("Micro:Services:price", "http://price.example:443, http://price2.example:443");
        using var resolver = Resolver();
        Assert.Equal(["grpc+insecure://10.0.0.1:5001", "grpc+insecure://10.0.0.2:5001"], await IdsAsync(resolver, "cart"));
        Assert.Equal(["http://price.example:443", "http://price2.example:443"], await IdsAsync(resolver, "price"));
        Assert.Empty(await IdsAsync(resolver, "other"));
        Assert.Equal(["cart", "price"], await resolver.ListAsync(Token));
    }

    [Fact]
    public async Task R10_A_reload_is_seen_by_the_watchers_of_the_services_that_changed()
    {
        Set("Micro:Services:cart", "grpc+insecure://10.0.0.1:5001");
        Set("Micro:Services:price", "grpc+insecure://10.0.0.9:5001");
        using var resolver = Resolver();
        await using var carts = new SnapshotRecorder(resolver, "cart");
        await using var prices = new SnapshotRecorder(resolver, "price");
        await UntilAsync(() => carts.Snapshots.Count == 1 && prices.Snapshots.Count == 1);
        Set("Micro:Services:cart", "grpc+insecure://10.0.0.2:5001");
        _configuration.Reload();
        await UntilAsync(() => carts.Shows("grpc+insecure://10.0.0.2:5001"));
        Assert.Single(prices.Snapshots);
    }

    [Theory]
    [InlineData("Micro:Services:cart:Addresses:1", "localhost:5001x y")]
    [InlineData("Micro:Services:cart:Addresses:1", "")]
    [InlineData("Micro:Services:cart:Addresses:1", "grpc+insecure://0.0.0.0:5001")]
    [InlineData("Micro:Services:cart:Addresses:1", "grpc://169.254.169.254:80")]
    [InlineData("Micro:Services:cart:Addresses:1", "grpc://host-without-port")]
    [InlineData("Micro:Services:price", "grpc+insecure://10.0.0.1:5001,nonsense")]
    public void REG_6_A_bad_address_at_start_is_an_error_that_names_its_key(string key, string value)
    {
        Set("Micro:Services:cart:Addresses:0", "grpc+insecure://10.0.0.1:5001");
        Set(key, value);
        var error = Assert.Throws<RegistryUnavailableException>(Resolver);
        Assert.Contains(key, error.Message);
    }

    [Fact]
    public async Task REG_3_A_bad_reload_keeps_the_last_good_addresses_and_the_next_good_one_counts()
    {
        Set("Micro:Services:cart", "grpc+insecure://10.0.0.1:5001");
        using var resolver = Resolver();
        Set("Micro:Services:cart", "nonsense");
        _configuration.Reload();
        Assert.Equal(["grpc+insecure://10.0.0.1:5001"], await IdsAsync(resolver, "cart"));
        Set("Micro:Services:cart", "grpc+insecure://10.0.0.3:5001");
        _configuration.Reload();
        Assert.Equal(["grpc+insecure://10.0.0.3:5001"], await IdsAsync(resolver, "cart"));
    }

    private void Set(string key, string value) => _configuration[key] = value;

    private StaticServiceResolver Resolver() => new(_configuration, NullLogger<StaticServiceResolver>.Instance);

    private static async Task<string[]> IdsAsync(StaticServiceResolver resolver, string service)
    {
        await foreach (var snapshot in resolver.WatchAsync(service, Token))
        {
            return [.. snapshot.Instances.Select(instance => instance.Id)];
        }

        return [];
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var i = 0; !condition(); i++)
        {
            Assert.True(i < 5000, "The condition does not come true.");
            await Task.Delay(2, Token);
        }
    }
}
