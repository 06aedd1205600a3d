using Micro.Discovery;
using Micro.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Micro.Tests.Discovery;

public sealed class DiscoveryBuilderExtensionsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PLG_Without_a_candidate_memory_is_chosen_and_is_one_object()
    {
        using var host = Build(null);
        await host.StartAsync(Token);
        var resolver = host.Services.GetRequiredService<IServiceResolver>();
        Assert.StartsWith("memory", resolver.Source);
        Assert.Same(resolver, host.Services.GetRequiredService<IServiceRegistry>());
        Assert.IsAssignableFrom<IServiceCatalog>(resolver);
    }

    [Fact]
    public async Task PLG_A_single_added_candidate_is_the_default_and_the_others_are_not_made()
    {
        using var host = Build(null, "etcd");
        await host.StartAsync(Token);
        Assert.Equal("etcd", host.Services.GetRequiredService<IServiceResolver>().Source);
    }

    [Theory]
    [InlineData("consul", "consul")]
    [InlineData("ETCD", "etcd")]
    public async Task PLG_Configuration_chooses_by_name(string configured, string source)
    {
        using var host = Build(configured, "etcd", "consul");
        await host.StartAsync(Token);
        Assert.Equal(source, host.Services.GetRequiredService<IServiceResolver>().Source);
    }

    [Theory]
    [InlineData("zookeeper", new[] { "etcd" })]
    [InlineData(null, new[] { "etcd", "consul" })]
    [InlineData("etcd", new[] { "etcd", "Etcd" })]
    [InlineData("dns", new[] { "dns" })]
    public async Task PLG_What_cannot_be_chosen_stops_the_start_and_lists_the_names(string? configured, string[] added)
    {
        using var host = Build(configured, added);
        var error = await Assert.ThrowsAsync<ProviderSelectionException>(() => host.StartAsync(Token));
        Assert.Equal("Micro:Discovery:Provider", error.Key);
        Assert.All(added, name => Assert.Contains(name, error.Message));
        Assert.Contains("static", error.Message);
    }

    [Fact]
    public async Task PLG_Registering_in_a_provider_that_only_finds_is_a_clear_error()
    {
        using var host = Build("static");
        await host.StartAsync(Token);
        Assert.StartsWith("static", host.Services.GetRequiredService<IServiceResolver>().Source);
        var registry = host.Services.GetRequiredService<IServiceRegistry>();
        var error = await Assert.ThrowsAsync<NotSupportedException>(() => registry.RegisterAsync(new ServiceInstance("cart", "c1", []), Token).AsTask());
        Assert.Contains("'static' only finds", error.Message);
    }

    [Fact]
    public async Task PLG_Dns_reads_its_options_from_configuration()
    {
        using var host = Build("dns");
        host.Services.GetRequiredService<IConfiguration>()["Micro:Discovery:Dns:RefreshInterval"] = "-00:00:01";
        var error = await Assert.ThrowsAsync<RegistryUnavailableException>(() => host.StartAsync(Token));
        Assert.Contains("RefreshInterval", error.Message);
    }

    private static IHost Build(string? configured, params string[] added)
    {
        var host = Host.CreateEmptyApplicationBuilder(null);
        host.Configuration["Micro:Discovery:Provider"] = configured;
        var micro = new Builder("test", host.Services, host.Configuration);
        micro.Services.AddSingleton<IConfiguration>(host.Configuration);
        micro.Services.AddMicroDiscovery();
        foreach (var name in added)
        {
            micro.AddDiscovery(new DiscoveryProvider(name, _ => new Named(name), null));
        }

        return host.Build();
    }

    private sealed record Builder(string Name, IServiceCollection Services, IConfiguration Configuration) : IMicroBuilder;

    private sealed class Named(string name) : IServiceResolver
    {
        public string Source => name;

        public IAsyncEnumerable<ServiceSnapshot> WatchAsync(string service, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
