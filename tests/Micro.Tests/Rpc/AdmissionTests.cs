using Micro.Hosting;
using Micro.LoadBalancing;
using Micro.Rpc;
using Micro.Tests.Support;
using Micro.Transport;
using Microsoft.Extensions.Time.Testing;

namespace Micro.Tests.Rpc;

/// <summary>S2 to S4: what is refused before anything of a call is read.</summary>
public sealed class AdmissionTests
{
    private const string Request = "{\"text\":\"x\"}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/guarded.Guarded/Nobody")]
    [InlineData("/guarded.Guarded/Orders")]
    [InlineData("/orders-only.OrdersOnly/Echo")]
    public async Task PERMISSION_DENIED_comes_before_anything_is_read_or_made(string path)
    {
        await using var hosts = new ProbeHosts();
        var log = new LogRecorder();
        var handler = new Guarded();
        var intercepted = 0;
        var host = await hosts.StartAsync("guarded", micro =>
        {
            log.Join(micro);
            micro.AddInProcess().AddService<IGuarded>(handler).AddService<IOrdersOnly>(handler);
            micro.AddInterceptor(_ => new Counting(() => intercepted++));
        });
        var raw = new RawCall("this is not even JSON");
        await host.AcceptAsync(raw.To(path));
        Assert.Equal(CallStatusCode.PermissionDenied, raw.Outcome!.Status.Code);
        Assert.True(raw.Outcome.Status.NotProcessed);
        Assert.Equal(0, raw.Reads);
        Assert.Equal(0, intercepted);
        Assert.Equal(0, handler.Calls);
        Assert.Contains(log.Entries, entry => entry.Text.StartsWith("Denied: ", StringComparison.Ordinal) && entry.Text.Contains(path[1..], StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_rule_that_admits_is_enough()
    {
        await using var hosts = new ProbeHosts();
        await hosts.StartAsync("guarded", micro => micro.AddInProcess().AddService<IGuarded>(new Guarded()));
        var client = (await hosts.StartAsync("client", micro => micro.AddClient<IGuarded>())).Get<IGuarded>();
        Assert.Equal("guarded", (await client.BothAsync(new("x"), Token)).Instance);
        var error = await Assert.ThrowsAsync<CallException>(() => client.NobodyAsync(new("x"), Token));
        Assert.Equal(CallStatusCode.PermissionDenied, error.Code);
        Assert.Single(error.Attempts);
    }

    [Theory]
    [InlineData("/probe.Probe/echo", "no method 'echo'")]
    [InlineData("/probe.Probe/", "no method ''")]
    [InlineData("/probe.probe/Echo", "No contract 'probe.probe'")]
    [InlineData("/probe.Probe/Echo/", "No contract 'probe.Probe/Echo'")]
    [InlineData("probe.Probe/Echo", "No contract ''")]
    [InlineData("/probe.Probe%2FEcho", "No contract ''")]
    [InlineData("//probe.Probe/Echo", "No contract '/probe.Probe'")]
    [InlineData("", "No contract ''")]
    [InlineData("/", "No contract ''")]
    public async Task Another_spelling_of_a_path_leads_nowhere(string path, string reason)
    {
        await using var hosts = new ProbeHosts();
        var probe = new Probe();
        var host = await hosts.ServeAsync(probe);
        var raw = new RawCall(Request);
        await host.AcceptAsync(raw.To(path));
        Assert.Equal(CallStatusCode.Unimplemented, raw.Outcome!.Status.Code);
        Assert.Contains(reason, raw.Outcome.Status.Message, StringComparison.Ordinal);
        Assert.Equal(0, raw.Reads);
        Assert.Equal(0, probe.Calls);
    }

    [Fact]
    public async Task An_unknown_content_type_is_refused_with_those_accepted()
    {
        await using var hosts = new ProbeHosts();
        var host = await hosts.ServeAsync(new Probe());
        var raw = new RawCall(Request);
        await host.AcceptAsync(raw.To("/probe.Probe/Echo", contentType: "application/xml"));
        Assert.Equal(CallStatusCode.InvalidArgument, raw.Outcome!.Status.Code);
        Assert.Contains("application/json", raw.Outcome.Status.Message, StringComparison.Ordinal);
        Assert.Equal(0, raw.Reads);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public async Task TRN_4_A_call_that_expired_on_its_way_is_not_executed(int milliseconds)
    {
        await using var hosts = new ProbeHosts();
        var probe = new Probe();
        var host = await hosts.ServeAsync(probe);
        var raw = new RawCall(Request);
        await host.AcceptAsync(raw.To("/probe.Probe/Echo", TimeSpan.FromMilliseconds(milliseconds)));
        Assert.Equal(CallStatusCode.DeadlineExceeded, raw.Outcome!.Status.Code);
        Assert.True(raw.Outcome.Status.NotProcessed);
        Assert.Equal(0, raw.Reads);
        Assert.Equal(0, probe.Calls);
    }

    [Fact]
    public async Task TRN_4_A_call_whose_deadline_passed_before_it_is_sent_reaches_nobody()
    {
        var clock = new FakeTimeProvider();
        await using var hosts = new ProbeHosts(clock);
        var probe = new Probe();
        await hosts.ServeAsync(probe);
        var client = await hosts.ClientAsync();
        using var scope = CallOptions.Use(new CallOptions { Timeout = TimeSpan.Zero });
        var error = await Assert.ThrowsAsync<CallException>(() => client.EchoAsync(new("x"), Token));
        Assert.Equal(CallStatusCode.DeadlineExceeded, error.Code);
        Assert.Equal(0, probe.Calls);
    }

    [Fact]
    public async Task Calls_beyond_the_most_at_once_are_refused_as_not_processed_and_room_is_made_again()
    {
        await using var hosts = new ProbeHosts();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var probe = Waiting("one", gate.Task);
        var host = await hosts.StartAsync(
            "probe", micro => micro.AddInProcess().AddService<IProbe>(probe), builder => builder.Configuration["Micro:Server:MaxConcurrentCalls"] = "2");
        var client = await hosts.ClientAsync(options => options.MaxAttempts = 1);
        var running = new[] { client.EchoAsync(new("1"), Token), client.EchoAsync(new("2"), Token) };
        await Wait.UntilAsync(() => probe.Calls == 2, "two calls run");
        var error = await Assert.ThrowsAsync<CallException>(() => client.EchoAsync(new("3"), Token));
        Assert.Equal(CallStatusCode.ResourceExhausted, error.Code);
        Assert.True(error.Status.NotProcessed);
        Assert.Equal(2, probe.Calls);
        gate.SetResult();
        await Task.WhenAll(running);
        await Wait.UntilAsync(() => host.ActiveCalls() == 0, "the calls ended");
        await client.EchoAsync(new("4"), Token);
    }

    [Fact]
    public async Task LB_3_A_call_refused_for_lack_of_room_is_taken_by_another_instance()
    {
        await using var hosts = new ProbeHosts();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var busy = Waiting("busy", gate.Task);
        await hosts.StartAsync(
            "probe", micro => micro.AddInProcess().AddService<IProbe>(busy), builder => builder.Configuration["Micro:Server:MaxConcurrentCalls"] = "1");
        var client = await hosts.ClientAsync();
        var running = client.EchoAsync(new("first"), Token);
        await Wait.UntilAsync(() => busy.Calls == 1, "one call runs");
        await hosts.ServeAsync(new Probe { Name = "free" });

        // Of four calls by turns two are refused first, which the retry budget has room for.
        var second = await hosts.ClientAsync(options => options.LoadBalancer = LoadBalancers.RoundRobin);
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal("free", (await second.EchoAsync(new("x"), Token)).Instance);
        }

        Assert.Equal(1, busy.Calls);
        gate.SetResult();
        await running;
    }

    private static Probe Waiting(string name, Task gate) => new()
    {
        Name = name,
        OnCall = async (request, context) =>
        {
            await gate.WaitAsync(context.CancellationToken);
            return new ProbeReply(request.Text, 0, name);
        },
    };

    private sealed class Counting(Action count) : ICallInterceptor
    {
        public ValueTask InvokeAsync(CallContext context, CallDelegate next)
        {
            count();
            return next(context);
        }
    }
}
