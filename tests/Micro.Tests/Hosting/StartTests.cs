using System.Collections.Concurrent;
using Micro.Discovery;
using Micro.Hosting;
using Micro.Tests.Support;
using Micro.Transport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Micro.Tests.Hosting;

/// <summary>How a process that serves starts.</summary>
public sealed class StartTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task LIF_3_REG_8_It_is_not_ready_before_it_is_registered()
    {
        await using var hosts = new ProbeHosts();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        IServiceProvider? services = null;
        var starting = hosts.StartAsync("probe", micro =>
        {
            micro.AddInProcess().AddService<IProbe>(new Probe());
            micro.Services.AddSingleton<IServiceRegistry>(provider =>
            {
                services = provider;
                return new Lifecycle.NotingRegistry(hosts.Registry, _ => { })
                {
                    Before = () =>
                    {
                        asked.SetResult();
                        return gate.Task;
                    },
                };
            });
        });
        await asked.Task.WaitAsync(Token);
        Assert.False(services!.GetRequiredService<MicroLifecycle>().IsReady);
        Assert.Empty(await hosts.RegisteredAsync());
        Assert.False(starting.IsCompleted);
        gate.SetResult();
        var host = await starting;
        Assert.True(await host.IsHealthyAsync());
        Assert.Single(await hosts.RegisteredAsync());
    }

    [Fact]
    public async Task LIF_3_Without_its_registry_it_does_not_start_and_says_why()
    {
        await using var hosts = new ProbeHosts();
        var notes = new ConcurrentQueue<string>();
        hosts.Registry.Break("the test took it away");
        IServiceProvider? services = null;
        var error = await Assert.ThrowsAsync<RegistryUnavailableException>(() => hosts.StartAsync("probe", micro =>
        {
            micro.AddService<IProbe>(new Probe()).AddListener(notes.Enqueue);
            micro.Services.AddHostedService(provider =>
            {
                services = provider;
                return new Nothing();
            });
        }));
        Assert.Contains(hosts.Registry.Source, error.Message, StringComparison.Ordinal);
        hosts.Registry.Restore();
        var lifecycle = services!.GetRequiredService<MicroLifecycle>();
        Assert.False(lifecycle.IsReady);
        await lifecycle.DisposeAsync();
        Assert.Equal(["listening", "closing"], notes);
        Assert.Empty(await hosts.RegisteredAsync());
    }

    [Fact]
    public async Task LIF_3_It_can_be_told_to_start_without_and_registers_when_the_registry_is_back()
    {
        var clock = new FakeTimeProvider();
        await using var hosts = new ProbeHosts(clock);
        var log = new LogRecorder();
        hosts.Registry.Break("the test took it away");
        var host = await hosts.StartAsync(
            "probe",
            micro =>
            {
                log.Join(micro);
                micro.AddInProcess().AddService<IProbe>(new Probe());
            },
            builder => builder.Configuration["Micro:StartWithoutRegistry"] = "true");
        Assert.False(await host.IsHealthyAsync());
        clock.Advance(TimeSpan.FromSeconds(5));
        await Wait.UntilAsync(() => log.Entries.Count(entry => entry.Text.Contains("registry is away", StringComparison.Ordinal)) >= 2, "it tried again");
        Assert.False(host.IsReady());
        hosts.Registry.Restore();
        await AdvanceUntilAsync(clock, host.IsReady, "ready");
        Assert.True(await host.IsHealthyAsync());
        Assert.Single(await hosts.RegisteredAsync());
        var client = await hosts.ClientAsync();
        await client.EchoAsync(new("x"), Token);
    }

    [Fact]
    public async Task LIF_4_Whatever_a_registry_throws_registering_is_tried_again()
    {
        var clock = new FakeTimeProvider();
        await using var hosts = new ProbeHosts(clock);
        var log = new LogRecorder();
        var tries = 0;
        var registry = new Lifecycle.NotingRegistry(hosts.Registry, _ => { })
        {
            Before = () => ++tries switch
            {
                1 => throw new RegistryUnavailableException("test", "is away"),
                2 => throw new DivideByZeroException(),
                3 => throw new OperationCanceledException("a timeout of its own"),
                _ => Task.CompletedTask,
            },
        };
        var host = await hosts.StartAsync(
            "probe",
            micro =>
            {
                log.Join(micro);
                micro.AddInProcess().AddService<IProbe>(new Probe()).AddRegistry(registry);
            },
            builder => builder.Configuration["Micro:StartWithoutRegistry"] = "true");
        await AdvanceUntilAsync(clock, host.IsReady, "ready");
        Assert.Equal(4, tries);
        Assert.Contains(log.Entries, entry => entry.Exception is DivideByZeroException);
    }

    [Fact]
    public async Task LIF_3_A_process_that_only_calls_needs_no_registry_to_start()
    {
        await using var hosts = new ProbeHosts();
        hosts.Registry.Break("the test took it away");
        var host = await hosts.StartAsync("client", micro => micro.AddClient<IProbe>());
        Assert.True(await host.IsHealthyAsync());
        hosts.Registry.Restore();
    }

    [Fact]
    public async Task O11_A_process_that_serves_but_listens_nowhere_does_not_start_and_says_what_to_add()
    {
        await using var hosts = new ProbeHosts();
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => hosts.StartAsync("probe", micro => micro.AddService<IProbe>(new Probe())));
        Assert.Contains("probe.Probe", error.Message, StringComparison.Ordinal);
        Assert.Contains("AddServer()", error.Message, StringComparison.Ordinal);
        Assert.Contains("AddInProcess()", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Micro:Client:Timeout", "-00:00:05")]
    [InlineData("Micro:Client:MaxAttempts", "6")]
    [InlineData("Micro:Client:LoadBalancer", "best")]
    [InlineData("Micro:Client:RetryBackoff", "-00:00:01")]
    [InlineData("Micro:Client:RetryBufferBytes", "-1")]
    [InlineData("Micro:Clients:probe:StreamIdleTimeout", "00:00:00")]
    [InlineData("Micro:Server:MaxConcurrentCalls", "0")]
    [InlineData("Micro:Server:StreamIdleTimeout", "00:00:00")]
    [InlineData("Micro:Server:DrainDelay", "-00:00:01")]
    [InlineData("Micro:Server:DrainTimeout", "-00:00:01")]
    [InlineData("Micro:HealthInterval", "00:00:00")]
    [InlineData("Micro:Version", "")]
    public async Task Options_are_checked_when_the_host_starts(string key, string value)
    {
        await using var hosts = new ProbeHosts();
        var error = await Assert.ThrowsAnyAsync<Exception>(() => hosts.StartAsync(
            "client", micro => micro.AddClient<IProbe>(), builder => builder.Configuration[key] = value));
        var failures = error is AggregateException several ? several.InnerExceptions : [error];
        Assert.All(failures, failure => Assert.IsType<OptionsValidationException>(failure));
        Assert.Contains(failures, failure => failure.Message.Contains(key, StringComparison.Ordinal));
    }

    private static async Task AdvanceUntilAsync(FakeTimeProvider clock, Func<bool> condition, string what) => await Wait.UntilAsync(
        () =>
        {
            clock.Advance(TimeSpan.FromMilliseconds(500));
            return condition();
        },
        what);

    private sealed class Nothing : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
