using System.Net;
using System.Net.Sockets;
using Micro.Discovery;
using Micro.Internal;
using Micro.Testing.Discovery;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Micro.Tests.Discovery;

public sealed class DnsServiceResolverTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly DnsDiscoveryOptions _options = new();
    private Func<string, IPAddress[]> _answer = _ => [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task L13_A_host_gives_its_addresses_with_the_port()
    {
        _options.Hosts["cart"] = "cart.example:8443";
        _answer = host => host == "cart.example" ? [IPAddress.Parse("10.0.0.2"), IPAddress.Parse("10.0.0.1"), IPAddress.Parse("fd00::1")] : [];
        var snapshot = await FirstAsync("cart");
        Assert.Equal(["10.0.0.1:8443", "10.0.0.2:8443", "[fd00::1]:8443"], snapshot.Instances.Select(instance => instance.Id));
        Assert.Equal("http://10.0.0.1:8443/", snapshot.Instances[0].Addresses[0].ToString());
    }

    [Theory]
    [InlineData("http", 0, 443)]
    [InlineData("http+insecure", 0, 80)]
    [InlineData("grpc+insecure", 5001, 5001)]
    public async Task L13_Without_a_host_of_its_own_a_service_is_its_own_host_with_the_usual_port(string scheme, int port, int expected)
    {
        (_options.Scheme, _options.Port) = (scheme, port);
        _answer = host => host == "cart" ? [IPAddress.Loopback] : [];
        var address = (await FirstAsync("cart")).Instances.Single().Addresses.Single();
        Assert.Equal((scheme, "127.0.0.1", expected), (address.Scheme, address.Host, address.Port));
    }

    [Fact]
    public async Task L13_An_unknown_host_is_an_error_that_names_it()
    {
        _answer = _ => throw new SocketException((int)SocketError.HostNotFound);
        var error = await Assert.ThrowsAsync<RegistryUnavailableException>(() => FirstAsync("cart"));
        Assert.Contains("'cart'", error.Message);
        Assert.IsType<SocketException>(error.InnerException);
    }

    [Fact]
    public async Task REG_3_A_host_without_addresses_is_an_empty_answer_and_a_failed_look_up_an_error()
    {
        _answer = _ => throw new SocketException((int)SocketError.NoData);
        Assert.Empty((await FirstAsync("cart")).Instances);
        _answer = _ => throw new SocketException((int)SocketError.TryAgain);
        await Assert.ThrowsAsync<RegistryUnavailableException>(() => FirstAsync("cart"));
    }

    [Fact]
    public async Task A_host_that_cannot_be_read_is_an_error_that_names_its_key()
    {
        _options.Hosts["cart"] = "not a host";
        var error = await Assert.ThrowsAsync<RegistryUnavailableException>(() => FirstAsync("cart"));
        Assert.Contains("Micro:Discovery:Dns:Hosts:cart", error.Message);
    }

    [Fact]
    public async Task REG_6_Addresses_that_nobody_may_advertise_are_left_out()
    {
        _answer = _ => [IPAddress.Parse("169.254.169.254"), IPAddress.Any, IPAddress.Parse("10.0.0.1")];
        Assert.Equal(["10.0.0.1:443"], (await FirstAsync("cart")).Instances.Select(instance => instance.Id));
    }

    [Fact]
    public async Task Changes_are_seen_after_the_interval_and_nothing_is_said_without_one()
    {
        var asked = 0;
        _answer = _ => [IPAddress.Parse(Interlocked.Increment(ref asked) < 3 ? "10.0.0.1" : "10.0.0.2")];
        await using var watch = new SnapshotRecorder(Resolver(), "cart");
        for (var steps = 0; watch.Snapshots.Count < 2; steps++)
        {
            Assert.True(steps < 500 && watch.Failure is null);
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(2, Token);
        }

        Assert.Equal(3, asked);
        Assert.Equal(["10.0.0.1:443", "10.0.0.2:443"], watch.Snapshots.Select(snapshot => snapshot.Instances.Single().Id));
        Assert.True(_time.GetUtcNow() - _time.Start >= TimeSpan.FromSeconds(48));
    }

    private DnsServiceResolver Resolver() => new(
        _options, (host, _) => Task.FromResult(_answer(host)), _time, new RandomSource(1), NullLogger<DnsServiceResolver>.Instance);

    private async Task<ServiceSnapshot> FirstAsync(string service)
    {
        await foreach (var snapshot in Resolver().WatchAsync(service, Token))
        {
            return snapshot;
        }

        throw new InvalidOperationException();
    }
}
