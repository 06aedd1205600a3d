using Micro.Hosting;
using Micro.LoadBalancing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Micro.Tests.LoadBalancing;

public sealed class LoadBalancerTableTests
{
    [Theory]
    [InlineData(LoadBalancers.Random, typeof(RandomBalancer))]
    [InlineData(LoadBalancers.RoundRobin, typeof(RoundRobinBalancer))]
    [InlineData(LoadBalancers.PowerOfTwoChoices, typeof(PowerOfTwoChoicesBalancer))]
    [InlineData(LoadBalancers.Rendezvous, typeof(RendezvousBalancer))]
    [InlineData("ROUND-robin", typeof(RoundRobinBalancer))]
    public void A_built_in_balancer_is_found_by_name(string name, Type type) => Assert.IsType(type, Table(_ => { }).Create(name));

    [Fact]
    public void An_unknown_name_fails_and_the_error_lists_those_there_are()
    {
        var table = Table(builder => builder.AddLoadBalancer("first", _ => new FirstBalancer("first")));
        var error = Assert.Throws<InvalidOperationException>(() => table.Create("leest-busy"));
        Assert.Contains("'leest-busy'", error.Message);
        Assert.Contains("first, power-of-two-choices, random, rendezvous, round-robin", error.Message);
    }

    [Fact]
    public void Every_service_gets_a_balancer_of_its_own()
    {
        var table = Table(builder => builder.AddLoadBalancer("first", _ => new FirstBalancer("first")));
        Assert.NotSame(table.Create("first"), table.Create("first"));
        Assert.NotSame(table.Create(LoadBalancers.RoundRobin), table.Create(LoadBalancers.RoundRobin));
    }

    [Fact]
    public void The_factory_gets_the_services_of_the_host()
    {
        var marker = new FirstBalancer("marked");
        var table = Table(builder =>
        {
            builder.Services.AddSingleton(marker);
            builder.AddLoadBalancer("marked", services => services.GetRequiredService<FirstBalancer>());
        });
        Assert.Same(marker, table.Create("marked"));
    }

    [Fact]
    public void An_added_balancer_replaces_a_built_in_one_of_the_same_name()
    {
        var table = Table(builder => builder.AddLoadBalancer(LoadBalancers.Random, _ => new FirstBalancer(LoadBalancers.Random)));
        Assert.IsType<FirstBalancer>(table.Create(LoadBalancers.Random));
        Assert.Equal(4, table.Names.Count);
    }

    [Fact]
    public void Two_added_under_one_name_fail_and_the_error_names_it()
    {
        var error = Assert.Throws<InvalidOperationException>(() => Table(builder => builder
            .AddLoadBalancer("first", _ => new FirstBalancer("first"))
            .AddLoadBalancer("First", _ => new FirstBalancer("first"))));
        Assert.Contains("'First'", error.Message);
    }

    [Fact]
    public void A_factory_that_gives_null_fails_by_name()
    {
        var table = Table(builder => builder.AddLoadBalancer("nothing", _ => null!));
        Assert.Contains("'nothing'", Assert.Throws<InvalidOperationException>(() => table.Create("nothing")).Message);
    }

    private static LoadBalancerTable Table(Action<IMicroBuilder> configure)
    {
        var services = new ServiceCollection();
        services.AddMicroLoadBalancing();
        configure(new Builder(services));
        return services.BuildServiceProvider().GetRequiredService<LoadBalancerTable>();
    }

    private sealed class Builder(IServiceCollection services) : IMicroBuilder
    {
        public string Name => "orders";

        public IServiceCollection Services => services;

        public IConfiguration Configuration { get; } = new ConfigurationBuilder().Build();
    }
}
