using Micro.Discovery;
using Micro.Hosting;
using Micro.LoadBalancing;
using Micro.Rpc;
using Micro.Tests.Support;
using Micro.Transport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Micro.Tests.Rpc;

/// <summary>Calls while instances come and go, and while the registry is away.</summary>
public sealed class MembershipTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task LB_10_An_instance_that_leaves_keeps_its_calls_and_its_connection_closes_after_the_last()
    {
        await using var hosts = new ProbeHosts();
        var transport = new TransportProbe();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var probe = new Probe
        {
            OnCall = async (request, context) =>
            {
                await gate.Task.WaitAsync(context.CancellationToken);
                return new ProbeReply(request.Text, 0, "one");
            },
        };
        var registration = await ServeUnregisteredAsync(hosts, probe);
        var client = await hosts.ClientAsync(configure: Over(transport));
        var unary = client.EchoAsync(new("u"), Token);
        await using var stream = client.TalkAsync(Items(gate.Task), Token).GetAsyncEnumerator(Token);
        Assert.True(await stream.MoveNextAsync());
        await Wait.UntilAsync(() => probe.Calls == 2, "both calls run");
        var connection = Assert.Single(transport.Connections);

        await registration.DisposeAsync();
        await UntilUnknownAsync(client);
        Assert.False(connection.IsDisposed);
        Assert.False(unary.IsCompleted);

        gate.SetResult();
        Assert.Equal("u", (await unary).Text);
        Assert.False(connection.IsDisposed);
        Assert.True(await stream.MoveNextAsync());
        Assert.False(await stream.MoveNextAsync());
        await Wait.UntilAsync(() => connection.IsDisposed, "the connection is closed");
        Assert.Equal(1, connection.Disposals);

        static async IAsyncEnumerable<ProbeItem> Items(Task gate)
        {
            yield return new ProbeItem("one", 1);
            await gate;
            yield return new ProbeItem("two", 2);
        }
    }

    [Fact]
    public async Task LB_12_Connections_are_closed_when_their_instances_leave()
    {
        await using var hosts = new ProbeHosts();
        var transport = new TransportProbe();
        var registrations = new List<IServiceRegistration>();
        for (var i = 0; i < 5; i++)
        {
            registrations.Add(await ServeUnregisteredAsync(hosts, new Probe()));
        }

        var client = await hosts.ClientAsync(options => options.LoadBalancer = LoadBalancers.RoundRobin, Over(transport));
        for (var i = 0; i < 20; i++)
        {
            await client.EchoAsync(new("x"), Token);
        }

        Assert.Equal(5, transport.Connections.Count);
        foreach (var registration in registrations)
        {
            await registration.DisposeAsync();
        }

        await Wait.UntilAsync(() => transport.Open == 0, "all connections are closed");
        Assert.All(transport.Connections, connection => Assert.Equal(1, connection.Disposals));
    }

    [Fact]
    public async Task LB_12_One_connection_serves_all_calls_to_an_instance_and_closes_with_the_host()
    {
        await using var hosts = new ProbeHosts();
        var transport = new TransportProbe();
        await hosts.ServeAsync(new Probe());
        var host = await hosts.StartAsync("client", micro =>
        {
            micro.AddClient<IProbe>();
            Over(transport)(micro);
        });
        var client = host.Get<IProbe>();
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => client.EchoAsync(new("x", i), Token)));
        var connection = Assert.Single(transport.Connections);
        Assert.Equal(200, connection.Calls);
        await host.StopAsync(Token);
        Assert.False(connection.IsDisposed);
        await ((IAsyncDisposable)host).DisposeAsync();
        Assert.Equal(1, connection.Disposals);
    }

    [Fact]
    public async Task LB_12_Instances_that_come_and_go_under_load_leave_no_connection_open()
    {
        await using var hosts = new ProbeHosts();
        var transport = new TransportProbe();
        var steady = await ServeUnregisteredAsync(hosts, new Probe { Name = "steady" });
        var host = await hosts.ServeAsync(new Probe { Name = "steady too" });
        var address = steady.Instance.Addresses[0];
        var client = await hosts.ClientAsync(configure: Over(transport));
        var over = false;
        var callers = Enumerable.Range(0, 4).Select(_ => Task.Run(
            async () =>
            {
                while (!Volatile.Read(ref over))
                {
                    await client.EchoAsync(new("x"), Token);
                }
            },
            Token)).ToArray();
        for (var i = 0; i < 200; i++)
        {
            // The same process under ever new ids, mostly gone before anyone connected to it.
            await using var guest = await hosts.Registry.RegisterAsync(new ServiceInstance("probe", $"guest-{i}", [address]), Token);
            await Task.Yield();
        }

        Volatile.Write(ref over, true);
        await Task.WhenAll(callers);
        await Wait.UntilAsync(() => transport.Open <= 2, "only connections to those that stayed are open");
        Assert.NotNull(host);
    }

    [Fact]
    public async Task A_connection_that_fails_to_close_fails_no_call()
    {
        await using var hosts = new ProbeHosts();
        var log = new LogRecorder();
        var transport = new TransportProbe { CloseFailure = new DivideByZeroException() };
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var probe = new Probe
        {
            OnCall = async (request, _) =>
            {
                await gate.Task;
                return new ProbeReply(request.Text, 0);
            },
        };
        var registration = await ServeUnregisteredAsync(hosts, probe);
        var client = await hosts.ClientAsync(configure: micro =>
        {
            Over(transport)(micro);
            log.Join(micro);
        });
        var call = client.EchoAsync(new("x"), Token);
        await Wait.UntilAsync(() => probe.Calls == 1, "the call runs");
        await registration.DisposeAsync();
        await UntilUnknownAsync(client);
        gate.SetResult();
        Assert.Equal("x", (await call).Text);
        await Wait.UntilAsync(() => log.Entries.Any(entry => entry.Exception is DivideByZeroException), "it is logged");
    }

    [Fact]
    public async Task REG_3_Calls_go_on_while_the_registry_is_away()
    {
        await using var hosts = new ProbeHosts();
        await hosts.ServeAsync(new Probe { Name = "one" });
        await hosts.ServeAsync(new Probe { Name = "two" });
        var client = await hosts.ClientAsync();
        await client.EchoAsync(new("x"), Token);
        hosts.Registry.Break("the test took it away");
        var used = new HashSet<string>();
        for (var i = 0; i < 100; i++)
        {
            used.Add((await client.EchoAsync(new("x"), Token)).Instance!);
            Assert.Equal(2, await client.CountAsync(new("x", 2), Token).CountAsync(Token));
        }

        Assert.Equal(["one", "two"], used.Order());
        hosts.Registry.Restore();
    }

    [Fact]
    public async Task REG_3_A_client_that_never_saw_the_service_says_that_the_registry_is_away()
    {
        await using var hosts = new ProbeHosts();
        await hosts.ServeAsync(new Probe());
        hosts.Registry.Break("the test took it away");
        var client = await hosts.ClientAsync();
        var error = await Assert.ThrowsAsync<CallException>(() => client.EchoAsync(new("x"), Token));
        Assert.Equal(CallStatusCode.Unavailable, error.Code);
        Assert.True(error.Status.NotProcessed);
        Assert.Contains("'probe'", error.Message, StringComparison.Ordinal);
        Assert.Contains(hosts.Registry.Source, error.Message, StringComparison.Ordinal);
        hosts.Registry.Restore();
    }

    [Fact]
    public async Task REG_3_An_empty_list_is_honoured()
    {
        await using var hosts = new ProbeHosts();
        var registration = await ServeUnregisteredAsync(hosts, new Probe());
        var client = await hosts.ClientAsync();
        await client.EchoAsync(new("x"), Token);
        await registration.DisposeAsync();
        await UntilUnknownAsync(client);
    }

    [Fact]
    public async Task A_client_whose_host_is_gone_says_so()
    {
        await using var hosts = new ProbeHosts();
        await hosts.ServeAsync(new Probe());
        var host = await hosts.StartAsync("client", micro => micro.AddClient<IProbe>());
        var client = host.Get<IProbe>();
        await client.EchoAsync(new("x"), Token);
        await ((IAsyncDisposable)host).DisposeAsync();
        var error = await Assert.ThrowsAsync<CallException>(() => client.EchoAsync(new("x"), Token));
        Assert.Equal(CallStatusCode.Unavailable, error.Code);
        Assert.Contains("closed", error.Message, StringComparison.Ordinal);
        Assert.True(error.Status.NotProcessed);
        error = await Assert.ThrowsAsync<CallException>(async () => await client.CountAsync(new("x", 1), Token).ToListAsync(Token));
        Assert.Contains("closed", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Serves a probe in a world of its own, and registers it here by hand, so that it can be deregistered without being stopped.</summary>
    private static async Task<IServiceRegistration> ServeUnregisteredAsync(ProbeHosts hosts, Probe probe)
    {
        var apart = new InMemoryServiceRegistry(TimeProvider.System);
        await hosts.StartAsync("probe", micro =>
        {
            micro.AddInProcess().AddService<IProbe>(probe);
            micro.Services.AddSingleton<IServiceRegistry>(apart);
        });
        var instance = (await apart.WatchAsync("probe", Token).FirstAsync(Token)).Instances.Single();
        return await hosts.Registry.RegisterAsync(instance, Token);
    }

    private static async Task UntilUnknownAsync(IProbe client)
    {
        using var options = CallOptions.Use(new CallOptions { Timeout = TimeSpan.FromMilliseconds(100), MaxAttempts = 1 });
        CallException? error = null;
        for (var i = 0; i < 200 && error?.Message.Contains("No instance", StringComparison.Ordinal) != true; i++)
        {
            error = await Record.ExceptionAsync(() => client.PingAsync(Token)) as CallException;
            await Task.Yield();
        }

        Assert.Contains("No instance", error?.Message, StringComparison.Ordinal);
    }

    private static Action<IMicroBuilder> Over(TransportProbe transport) => micro => micro.Services.AddSingleton<IClientTransport>(transport);
}
