using Micro.Hosting;
using Micro.Rpc;
using Micro.Security;
using Micro.Tests.Support;
using Micro.Transport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Micro.Tests.Hosting;

/// <summary>O11: what a process is put together of.</summary>
public sealed class CompositionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task O11_Several_services_in_one_process_share_its_listeners_and_are_registered_each()
    {
        await using var hosts = new ProbeHosts();
        var listening = 0;
        var host = await hosts.StartAsync(
            "probe",
            micro =>
            {
                micro.AddService<IProbe>(new Probe()).AddListener(_ => listening++);
                micro.AddService<IGuarded>(new Guarded());
            },
            builder => builder.AddMicro("second").AddService<ISecond>(new Guarded()));
        Assert.Equal(1, listening);
        var instances = new[]
        {
            Assert.Single(await hosts.RegisteredAsync()),
            Assert.Single(await hosts.RegisteredAsync("second")),
            Assert.Single(await hosts.RegisteredAsync("guarded")),
        };
        Assert.Single(instances.Select(instance => instance.Addresses.Single()).Distinct());
        Assert.Equal(3, instances.Select(instance => instance.Id).Distinct().Count());
        var client = await hosts.StartAsync("client", micro => micro.AddClient<IProbe>().AddClient<ISecond>().AddClient<IGuarded>());
        Assert.Equal("one", (await client.Get<IProbe>().EchoAsync(new("x"), Token)).Instance);
        Assert.Equal("guarded", (await client.Get<ISecond>().EchoAsync(new("x"), Token)).Instance);
        Assert.Equal("guarded", (await client.Get<IGuarded>().BothAsync(new("x"), Token)).Instance);
        await host.StopAsync(Token);
        Assert.Empty(await hosts.RegisteredAsync());
        Assert.Empty(await hosts.RegisteredAsync("second"));
    }

    [Fact]
    public async Task O11_A_process_can_call_itself()
    {
        await using var hosts = new ProbeHosts();
        var host = await hosts.StartAsync("probe", micro => micro.AddInProcess().AddService<IProbe, SelfCaller>().AddClient<IProbe>());
        Assert.Equal("bottom", (await host.Get<IProbe>().EchoAsync(new("x", 3), Token)).Text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("ä")]
    [InlineData("a\n")]
    public void O11_A_name_that_is_none_is_refused(string name) =>
        Assert.ThrowsAny<ArgumentException>(() => Builder().AddMicro(name));

    [Fact]
    public void O11_A_name_has_at_most_200_characters()
    {
        Assert.Equal(200, Builder().AddMicro(new string('a', 200)).Name.Length);
        Assert.Throws<ArgumentException>(() => Builder().AddMicro(new string('a', 201)));
        Assert.Equal("A-1.b_c", Builder().AddMicro("A-1.b_c").Name);
    }

    [Fact]
    public async Task O11_A_path_that_is_served_twice_fails_at_start_and_names_both()
    {
        ContractTable.Add(new ContractDescriptor(typeof(IImpostor), "impostor", "probe.Probe", [Impostor.Echo], json: ProbeJson.Default));
        await using var hosts = new ProbeHosts();
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => hosts.StartAsync(
            "probe", micro => micro.AddInProcess().AddService<IProbe>(new Probe()).AddService<IImpostor>(new Impostor())));
        Assert.Contains("/probe.Probe/Echo", error.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(Probe), error.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(Impostor), error.Message, StringComparison.Ordinal);
        Assert.Empty(await hosts.RegisteredAsync());
    }

    [Fact]
    public void O11_An_interface_that_is_no_contract_is_refused_with_what_to_do()
    {
        var micro = Builder().AddMicro("x");
        Assert.Contains("[MicroService", Assert.Throws<InvalidOperationException>(() => micro.AddClient<IDisposable>()).Message, StringComparison.Ordinal);
        Assert.Contains("[MicroService", Assert.Throws<InvalidOperationException>(() => micro.AddService<IDisposable>(new MemoryStream())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task O11_A_client_added_twice_is_one_client_with_the_options_of_both()
    {
        await using var hosts = new ProbeHosts();
        await hosts.ServeAsync(new Probe());
        var host = await hosts.StartAsync(
            "client",
            micro => micro
                .AddClient<IProbe>(options => options.MaxAttempts = 2)
                .AddClient<IProbe>(options => options.Timeout = TimeSpan.FromSeconds(7)),
            builder =>
            {
                builder.Configuration["Micro:Client:MaxAttempts"] = "5";
                builder.Configuration["Micro:Client:RetryBackoff"] = "00:00:00.2";
                builder.Configuration["Micro:Client:StreamIdleTimeout"] = "00:01:00";
                builder.Configuration["Micro:Clients:probe:StreamIdleTimeout"] = "00:02:00";
            });
        Assert.Single(host.Services.GetServices<IProbe>());
        var options = host.Get<IOptionsMonitor<RpcClientOptions>>().Get("probe");
        Assert.Equal(2, options.MaxAttempts);
        Assert.Equal(TimeSpan.FromSeconds(7), options.Timeout);
        Assert.Equal(TimeSpan.FromMilliseconds(200), options.RetryBackoff);
        Assert.Equal(TimeSpan.FromMinutes(2), options.StreamIdleTimeout);
        Assert.Equal(5, host.Get<IOptions<RpcClientOptions>>().Value.MaxAttempts);
    }

    [Fact]
    public async Task O11_A_handler_is_made_for_each_call_in_its_own_scope_and_disposed_with_it()
    {
        await using var hosts = new ProbeHosts();
        var life = new Life();
        var host = await hosts.StartAsync("second", micro =>
        {
            micro.Services.AddSingleton(life).AddScoped<Part>();
            micro.AddInProcess().AddService<ISecond, Handler>();
        });
        var client = (await hosts.StartAsync("client", micro => micro.AddClient<ISecond>())).Get<ISecond>();
        for (var i = 1; i <= 3; i++)
        {
            Assert.Equal("same scope", (await client.EchoAsync(new("x"), Token)).Text);
            await Wait.UntilAsync(() => life.Disposed == i, "the handler is disposed");
            Assert.Equal(i, life.Made);
        }

        Assert.Equal(0, host.ActiveCalls());
    }

    [Theory]
    [InlineData(ServiceLifetime.Singleton, 1, 0)]
    [InlineData(ServiceLifetime.Scoped, 3, 3)]
    [InlineData(ServiceLifetime.Transient, 3, 3)]
    public async Task O11_A_handler_that_is_registered_keeps_its_lifetime(ServiceLifetime lifetime, int made, int disposed)
    {
        await using var hosts = new ProbeHosts();
        var life = new Life();
        var host = await hosts.StartAsync("second", micro =>
        {
            micro.Services.AddSingleton(life).Add(new ServiceDescriptor(typeof(Part), typeof(Part), lifetime));
            micro.Services.Add(new ServiceDescriptor(typeof(Handler), typeof(Handler), lifetime));
            micro.AddInProcess().AddService<ISecond, Handler>();
        });
        var client = (await hosts.StartAsync("client", micro => micro.AddClient<ISecond>())).Get<ISecond>();
        for (var i = 0; i < 3; i++)
        {
            await client.EchoAsync(new("x"), Token);
        }

        await Wait.UntilAsync(() => host.ActiveCalls() == 0, "the calls ended");
        Assert.Equal((made, disposed), (life.Made, life.Disposed));
        await ((IAsyncDisposable)host).DisposeAsync();
        Assert.Equal(made, life.Disposed);
    }

    [Fact]
    public async Task O11_A_handler_takes_keyed_services()
    {
        await using var hosts = new ProbeHosts();
        await hosts.StartAsync("second", micro =>
        {
            micro.Services.AddKeyedSingleton("red", "from the red store").AddKeyedSingleton("blue", "from the blue store");
            micro.AddInProcess().AddService<ISecond, Keyed>();
        });
        var client = (await hosts.StartAsync("client", micro => micro.AddClient<ISecond>())).Get<ISecond>();
        Assert.Equal("from the blue store", (await client.EchoAsync(new("x"), Token)).Text);
    }

    [Fact]
    public async Task LIF_4_A_handler_that_cannot_be_made_fails_its_call_and_says_why_in_the_log()
    {
        await using var hosts = new ProbeHosts();
        var log = new LogRecorder();
        var host = await hosts.StartAsync("second", micro =>
        {
            log.Join(micro);
            micro.AddInProcess().AddService<ISecond, Keyed>().AddService<IProbe>(new Probe());
        });
        var client = await hosts.StartAsync("client", micro => micro.AddClient<ISecond>().AddClient<IProbe>());
        var error = await Assert.ThrowsAsync<CallException>(() => client.Get<ISecond>().EchoAsync(new("x"), Token));
        Assert.Equal(CallStatusCode.Internal, error.Code);
        Assert.DoesNotContain(nameof(Keyed), error.Message, StringComparison.Ordinal);
        Assert.Contains(log.Entries, entry => entry.Exception?.Message.Contains(nameof(Keyed), StringComparison.Ordinal) == true);
        await client.Get<IProbe>().EchoAsync(new("x"), Token);
        await Wait.UntilAsync(() => host.ActiveCalls() == 0, "the calls ended");
    }

    [Fact]
    public async Task O11_The_transport_added_last_for_a_scheme_counts()
    {
        await using var hosts = new ProbeHosts();
        await hosts.ServeAsync(new Probe());
        var probe = new TransportProbe();
        var client = await hosts.ClientAsync(configure: micro => micro.Services.AddSingleton<IClientTransport>(probe));
        await client.EchoAsync(new("x"), Token);
        Assert.Single(probe.Connections);
    }

    [Fact]
    public async Task O11_Untyped_calls_and_the_description_find_what_is_served()
    {
        await using var hosts = new ProbeHosts();
        await hosts.ServeAsync(new Probe());
        var host = await hosts.StartAsync("client", _ => { });
        var description = await host.Get<ReflectionClient>().DescribeAsync("probe", cancellationToken: Token);
        Assert.Equal(["micro.Reflection", "probe.Probe"], description.Contracts.Select(contract => contract.Name));
        var spec = new CallSpec("probe", "probe.Probe", "Echo", CallKind.Unary);
        var reply = await host.Get<UntypedClient>().UnaryAsync(spec, new("{\"text\":\"hi\",\"number\":4}"u8.ToArray()), cancellationToken: Token);
        Assert.Contains("\"number\":4", System.Text.Encoding.UTF8.GetString(reply.Bytes.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task O11_A_service_that_is_only_served_is_called_with_the_options_of_all()
    {
        await using var hosts = new ProbeHosts();
        var host = await hosts.StartAsync(
            "probe", micro => micro.AddInProcess().AddService<IProbe>(new Probe()), builder => builder.Configuration["Micro:Client:MaxAttempts"] = "5");
        Assert.Equal(5, host.Get<ClientChannels>().For("probe").Options.MaxAttempts);
    }

    [Fact]
    public async Task LB_3_An_untyped_call_is_repeated_only_as_far_as_its_own_specification_allows()
    {
        await using var hosts = new ProbeHosts();
        var probe = new Probe { OnCall = (_, _) => throw new CallException(CallStatusCode.Unavailable, "no") };
        await hosts.ServeAsync(probe);
        var host = await hosts.StartAsync("client", _ => { }, builder => builder.Configuration["Micro:Client:RetryBackoff"] = "00:00:00");
        var client = host.Get<UntypedClient>();
        await CallAsync(idempotent: true);
        Assert.Equal(3, probe.Calls);
        await CallAsync(idempotent: false);
        Assert.Equal(4, probe.Calls);

        async Task CallAsync(bool idempotent)
        {
            var spec = new CallSpec("probe", "probe.Probe", "Echo", CallKind.Unary, idempotent);
            await Assert.ThrowsAsync<CallException>(() => client.UnaryAsync(spec, new("{\"text\":\"\"}"u8.ToArray()), cancellationToken: Token));
        }
    }

    private static HostApplicationBuilder Builder() => Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());

    public interface IImpostor;

    public sealed class Impostor : IImpostor
    {
        public static readonly CallMethod<ProbeRequest, ProbeReply> Echo = CallMethod.Unary<ProbeRequest, ProbeReply>(
            new MethodDescription(new CallSpec("impostor", "probe.Probe", "Echo", CallKind.Unary), [new CallRule { Id = "impostor", Effect = RuleEffect.Allow, Caller = "*/*" }]),
            static (_, request, _) => new(new ProbeReply(request.Text, 0)));
    }

    private sealed class Life
    {
        public int Made;
        public int Disposed;
    }

    private sealed class Part;

    private sealed class Handler : ISecond, IDisposable
    {
        private readonly Life _life;
        private readonly Part _part;

        public Handler(Life life, Part part)
        {
            (_life, _part) = (life, part);
            Interlocked.Increment(ref life.Made);
        }

        public Task<ProbeReply> EchoAsync(ProbeRequest request, CancellationToken cancellationToken = default) =>
            Task.FromResult(new ProbeReply(ReferenceEquals(_part, CallContext.Current!.Services.GetRequiredService<Part>()) ? "same scope" : "another", 0));

        public void Dispose() => Interlocked.Increment(ref _life.Disposed);
    }

    private sealed class Keyed([FromKeyedServices("blue")] string text) : ISecond
    {
        public Task<ProbeReply> EchoAsync(ProbeRequest request, CancellationToken cancellationToken = default) => Task.FromResult(new ProbeReply(text, 0));
    }

    private sealed class SelfCaller(IProbe self) : IProbe
    {
        public async Task<ProbeReply> EchoAsync(ProbeRequest request, CancellationToken cancellationToken = default) =>
            request.Number == 0 ? new ProbeReply("bottom", 0) : await self.EchoAsync(request with { Number = request.Number - 1 }, cancellationToken);

        public Task<ProbeReply> RepeatAsync(ProbeRequest request, CallContext context) => throw new NotSupportedException();

        public Task<ProbeReply> WithContextAsync(ProbeRequest request, CallContext context) => throw new NotSupportedException();

        public IAsyncEnumerable<ProbeReply> CountAsync(ProbeRequest request, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task<ProbeReply> SumAsync(IAsyncEnumerable<ProbeItem> requests, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public IAsyncEnumerable<ProbeReply> TalkAsync(IAsyncEnumerable<ProbeItem> requests, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public Task PingAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();
    }
}
