using Micro.Hosting;
using Micro.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace Micro.Tests.Hosting;

/// <summary>What health checks decide, and what they cannot break.</summary>
public sealed class HealthTests
{
    private readonly FakeTimeProvider _clock = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task R29_A_failing_ready_check_deregisters_until_it_passes()
    {
        await using var hosts = new ProbeHosts(_clock);
        var result = HealthCheckResult.Healthy();
        var host = await StartAsync(hosts, _ => Task.FromResult(result));
        var first = Assert.Single(await hosts.RegisteredAsync());
        result = HealthCheckResult.Unhealthy("no database");
        await AdvanceUntilAsync(() => !host.IsReady(), "not ready");
        Assert.Empty(await hosts.RegisteredAsync());
        Assert.False(await host.IsHealthyAsync());
        result = HealthCheckResult.Healthy();
        await AdvanceUntilAsync(host.IsReady, "ready again");
        Assert.Equal(first, Assert.Single(await hosts.RegisteredAsync()));
        Assert.True(await host.IsHealthyAsync());
    }

    [Fact]
    public async Task R29_A_check_that_fails_at_start_keeps_the_instance_out_until_it_passes()
    {
        await using var hosts = new ProbeHosts(_clock);
        var result = HealthCheckResult.Unhealthy();
        var host = await StartAsync(hosts, _ => Task.FromResult(result));
        Assert.False(host.IsReady());
        Assert.Empty(await hosts.RegisteredAsync());
        result = HealthCheckResult.Healthy();
        await AdvanceUntilAsync(host.IsReady, "ready");
        Assert.Single(await hosts.RegisteredAsync());
    }

    [Fact]
    public async Task R29_A_degraded_instance_stays()
    {
        await using var hosts = new ProbeHosts(_clock);
        var asked = 0;
        var host = await StartAsync(hosts, _ =>
        {
            asked++;
            return Task.FromResult(HealthCheckResult.Degraded("slow"));
        });
        await AdvanceUntilAsync(() => asked > 3, "the check was asked");
        Assert.True(host.IsReady());
        Assert.Single(await hosts.RegisteredAsync());
    }

    [Fact]
    public async Task LIF_7_Liveness_and_readiness_are_apart()
    {
        await using var hosts = new ProbeHosts(_clock);
        var alive = 0;
        var host = await hosts.ServeAsync(new Probe(), micro => micro.Services.AddHealthChecks().AddCheck(
            "stuck",
            () =>
            {
                alive++;
                return HealthCheckResult.Unhealthy();
            },
            ["live"]));
        for (var i = 0; i < 10; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(5));
            await Task.Yield();
        }

        // Not asked, and not for discovery to judge: that is the supervisor's.
        Assert.Equal(0, alive);
        Assert.True(host.IsReady());
        Assert.False(await host.IsHealthyAsync("live"));
        Assert.True(await host.IsHealthyAsync());
    }

    [Fact]
    public async Task LIF_7_A_draining_process_is_alive_and_not_ready()
    {
        await using var hosts = new ProbeHosts(_clock);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var probe = new Probe
        {
            OnCall = async (request, _) =>
            {
                await gate.Task;
                return new ProbeReply(request.Text, 0);
            },
        };
        var host = await hosts.ServeAsync(probe, micro => micro.Services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), ["live"]));
        var client = await hosts.ClientAsync();
        var call = client.EchoAsync(new("x"), Token);
        await Wait.UntilAsync(() => probe.Calls == 1, "the call runs");
        var stopping = host.StopAsync(Token);
        await Wait.UntilAsync(() => !host.IsReady(), "draining");
        Assert.False(await host.IsHealthyAsync());
        Assert.True(await host.IsHealthyAsync("live"));
        var report = await host.Get<HealthCheckService>().CheckHealthAsync(check => check.Name == "micro", Token);
        Assert.Equal("draining", report.Entries["micro"].Description);
        gate.SetResult();
        await call;
        await stopping;
    }

    [Fact]
    public async Task LIF_4_A_check_that_throws_fails_and_is_asked_again()
    {
        await using var hosts = new ProbeHosts(_clock);
        Exception? failure = null;
        var host = await StartAsync(hosts, _ => failure is null ? Task.FromResult(HealthCheckResult.Healthy()) : Task.FromException<HealthCheckResult>(failure));

        // The second kind is what an HttpClient throws at a timeout; the platform lets it through.
        foreach (var one in new Exception[] { new DivideByZeroException(), new TaskCanceledException("a timeout of its own") })
        {
            failure = one;
            await AdvanceUntilAsync(() => !host.IsReady(), $"not ready by {one.GetType().Name}");
            Assert.Empty(await hosts.RegisteredAsync());
            failure = null;
            await AdvanceUntilAsync(host.IsReady, $"ready after {one.GetType().Name}");
        }

        failure = new TaskCanceledException();
        await host.StopAsync(Token);
        Assert.Empty(await hosts.RegisteredAsync());
    }

    [Fact]
    public async Task LIF_4_A_check_that_cannot_be_made_fails()
    {
        await using var hosts = new ProbeHosts(_clock);
        var log = new LogRecorder();
        var host = await hosts.ServeAsync(new Probe(), micro =>
        {
            log.Join(micro);
            micro.Services.AddHealthChecks().Add(new HealthCheckRegistration("broken", _ => throw new DivideByZeroException(), null, ["ready"]));
        });
        Assert.False(host.IsReady());
        Assert.Empty(await hosts.RegisteredAsync());
        Assert.Contains(log.Entries, entry => entry.Exception is DivideByZeroException);
        await host.StopAsync(Token);
    }

    [Fact]
    public async Task LIF_4_A_check_that_does_not_answer_fails_and_holds_up_nothing()
    {
        await using var hosts = new ProbeHosts(_clock);
        var asked = 0;
        var hang = false;
        var host = await StartAsync(hosts, _ =>
        {
            asked++;
            return hang ? new TaskCompletionSource<HealthCheckResult>().Task : Task.FromResult(HealthCheckResult.Healthy());
        });
        hang = true;
        await AdvanceUntilAsync(() => !host.IsReady(), "not ready");
        Assert.Empty(await hosts.RegisteredAsync());
        hang = false;
        await AdvanceUntilAsync(host.IsReady, "ready");

        // Stopped while it is being asked, with the clock standing still.
        hang = true;
        var before = asked;
        await AdvanceUntilAsync(() => asked > before, "asked");
        await host.StopAsync(Token).WaitAsync(TimeSpan.FromSeconds(10), Token);
        Assert.Empty(await hosts.RegisteredAsync());
    }

    private static Task<IHost> StartAsync(ProbeHosts hosts, Func<CancellationToken, Task<HealthCheckResult>> check) => hosts.ServeAsync(
        new Probe(), micro => micro.Services.AddHealthChecks().AddAsyncCheck("database", check, ["ready"]));

    private Task AdvanceUntilAsync(Func<bool> condition, string what) => Wait.UntilAsync(
        () =>
        {
            if (condition())
            {
                return true;
            }

            _clock.Advance(TimeSpan.FromSeconds(1));
            return false;
        },
        what);
}
