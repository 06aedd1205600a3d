using Micro.Discovery;
using Micro.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Micro.Sqlite.Tests;

public sealed class SqliteBuilderExtensionsTests : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("micro-verbs-").FullName;
    private readonly ConfigurationManager _configuration = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PLG_AddSqlite_is_the_default_candidate_even_when_added_for_two_services()
    {
        var builder = new Builder("cart", new ServiceCollection(), _configuration);
        _configuration["Micro:Home"] = _home;
        builder.AddSqlite();
        builder.AddSqlite();
        builder.AddSqliteDiscovery();
        await using var services = builder.Services.BuildServiceProvider();
        var resolver = services.GetRequiredService<IServiceResolver>();
        Assert.Equal($"sqlite ({Path.Combine(_home, "live.db")})", resolver.Source);
        Assert.Empty(Directory.GetFiles(_home));
        await services.GetRequiredService<IServiceRegistry>().RegisterAsync(new ServiceInstance("cart", "c1", []), Token);
        Assert.Equal(["cart"], await Assert.IsAssignableFrom<IServiceCatalog>(resolver).ListAsync(Token));
    }

    [Fact]
    public async Task PLG_Disposing_the_host_deregisters_what_it_registered()
    {
        _configuration["Micro:Home"] = _home;
        await using var other = Services();
        await using (var services = Services())
        {
            await services.GetRequiredService<IServiceRegistry>().RegisterAsync(new ServiceInstance("cart", "c1", []), Token);
            Assert.Equal(["cart"], await Catalog(other).ListAsync(Token));
        }

        Assert.Empty(await Catalog(other).ListAsync(Token));
    }

    [Theory]
    [InlineData("Micro:Discovery:Sqlite:Ttl", "00:00:03")]
    [InlineData("Micro:Discovery:Sqlite:HeartbeatInterval", "00:00:00")]
    [InlineData("Micro:Discovery:Sqlite:PollInterval", "00:00:02")]
    public void PLG_Options_come_from_configuration_and_must_fit_together(string key, string value)
    {
        _configuration[key] = value;
        var error = Assert.Throws<ArgumentException>(() => new Builder("cart", new ServiceCollection(), _configuration).AddSqlite());
        Assert.Contains(key[(key.LastIndexOf(':') + 1)..], error.Message);
    }

    public void Dispose() => Directory.Delete(_home, recursive: true);

    private ServiceProvider Services()
    {
        var builder = new Builder("cart", new ServiceCollection(), _configuration);
        builder.AddSqlite();
        return builder.Services.BuildServiceProvider();
    }

    private static IServiceCatalog Catalog(IServiceProvider services) => (IServiceCatalog)services.GetRequiredService<IServiceResolver>();

    private sealed record Builder(string Name, IServiceCollection Services, IConfiguration Configuration) : IMicroBuilder;
}
