using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Micro.Discovery;
using Micro.Hosting;
using Micro.Rpc;
using Micro.Tests.Support;
using Micro.Transport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace Micro.Tests.Hosting;

/// <summary>How a process that serves stops.</summary>
public sealed class ShutdownTests
{
    private static readonly CallOptions Unhurried = new() { Timeout = Timeout.InfiniteTimeSpan, MaxAttempts = 1 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task LIF_1_REG_8_The_steps_come_in_their_order()
    {
        var clock = new FakeTimeProvider();
        await using var hosts = new ProbeHosts(clock);
        var notes = new ConcurrentQueue<string>();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var probe = Waiting(gate.Task);
        IHost? host = null;
        var registry = new Lifecycle.NotingRegistry(hosts.Registry, notes.Enqueue)
        {
            BeforeEnd = async () => notes.Enqueue(await host!.IsHealthyAsync() ? "still ready" : "not ready"),
        };
        host = await StartAsync(hosts, probe, notes.Enqueue, registry, delay: "00:00:01", timeout: "01:00:00");
        Assert.Equal(["listening", "registering probe"], notes);
        Assert.True(await host.IsHealthyAsync());
        var client = await hosts.ClientAsync(options => options.Timeout = Timeout.InfiniteTimeSpan);
        var address = (await hosts.RegisteredAsync()).Single().Addresses[0];
        var unary = client.EchoAsync(new("slow"), Token);
        await using var stream = client.CountAsync(new("x"), Token).GetAsyncEnumerator(Token);
        Assert.True(await stream.MoveNextAsync());
        var upload = client.SumAsync(Endless(Token), Token);
        await Wait.UntilAsync(() => host.ActiveCalls() == 3, "the calls run");

        var stopping = host.StopAsync(Token);

        // Deregistered, while callers that have not heard of it are still served.
        await Wait.UntilAsync(() => notes.Contains("deregistering probe"), "deregistered");
        Assert.Empty(await hosts.RegisteredAsync());
        using var options = CallOptions.Use(Unhurried with { Address = address });
        Assert.Equal("quick", (await client.EchoAsync(new("quick"), Token)).Text);

        // Streams end, new calls are refused, the unary call goes on.
        var next = stream.MoveNextAsync().AsTask();
        await AdvanceUntilAsync(clock, () => next.IsCompleted && upload.IsCompleted, "the streams ended");
        AssertDraining(await Assert.ThrowsAsync<CallException>(() => next), notProcessed: false);
        AssertDraining(await Assert.ThrowsAsync<CallException>(() => upload), notProcessed: false);
        AssertDraining(await Assert.ThrowsAsync<CallException>(() => client.EchoAsync(new("late"), Token)), notProcessed: true);
        Assert.False(unary.IsCompleted);
        Assert.False(stopping.IsCompleted);
        Assert.DoesNotContain("closing", notes);

        // Then it ends, with its answer, and only now the listener closes.
        gate.SetResult();
        Assert.Equal("slow", (await unary).Text);
        await stopping;
        Assert.Equal(["listening", "registering probe", "not ready", "deregistering probe", "closing"], notes);
        Assert.Contains("Nothing listens", (await Assert.ThrowsAsync<CallException>(() => client.EchoAsync(new("gone"), Token))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LIF_1_Calls_that_outlast_the_drain_timeout_are_cancelled_and_told_so()
    {
        var clock = new FakeTimeProvider();
        await using var hosts = new ProbeHosts(clock);
        var notes = new ConcurrentQueue<string>();
        var never = new TaskCompletionSource();
        var host = await StartAsync(hosts, Waiting(never.Task), notes.Enqueue, timeout: "00:00:10");
        var client = await hosts.ClientAsync(options => options.Timeout = Timeout.InfiniteTimeSpan);
        var unary = client.EchoAsync(new("slow"), Token);
        await Wait.UntilAsync(() => host.ActiveCalls() == 1, "the call runs");
        var stopping = host.StopAsync(Token);
        await Wait.UntilAsync(() => notes.Contains("deregistering probe"), "deregistered");
        clock.Advance(TimeSpan.FromSeconds(9));
        Assert.False(unary.IsCompleted);
        await AdvanceUntilAsync(clock, () => unary.IsCompleted, "the call is cancelled");
        AssertDraining(await Assert.ThrowsAsync<CallException>(() => unary), notProcessed: false);
        await stopping;
        Assert.Equal("closing", notes.Last());
    }

    [Fact]
    public async Task LIF_1_A_handler_that_ignores_its_cancellation_does_not_hold_the_process()
    {
        var clock = new FakeTimeProvider();
        await using var hosts = new ProbeHosts(clock);
        var log = new LogRecorder();
        var deaf = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var probe = new Probe
        {
            OnCall = async (request, _) =>
            {
                await deaf.Task;
                return new ProbeReply(request.Text, 0);
            },
        };
        var host = await hosts.StartAsync("probe", micro =>
        {
            log.Join(micro);
            micro.AddInProcess().AddService<IProbe>(probe);
        });
        var client = await hosts.ClientAsync(options => options.Timeout = Timeout.InfiniteTimeSpan);
        var call = client.EchoAsync(new("x"), Token);
        await Wait.UntilAsync(() => host.ActiveCalls() == 1, "the call runs");
        var stopping = host.StopAsync(Token);
        await AdvanceUntilAsync(clock, () => stopping.IsCompleted, "stopped");
        await stopping;
        Assert.Contains(log.Entries, entry => entry.Text.Contains("1 calls were still running", StringComparison.Ordinal));
        deaf.SetResult();
        await call;
    }

    [Fact]
    public async Task LIF_2_A_long_stream_does_not_hold_the_shutdown()
    {
        // The clock stands still: nothing here waits for a timeout.
        await using var hosts = new ProbeHosts(new FakeTimeProvider());
        var host = await hosts.ServeAsync(Waiting(Task.CompletedTask));
        var client = await hosts.ClientAsync();
        var streams = Enumerable.Range(0, 20).Select(_ => client.CountAsync(new("x"), Token).LastAsync(Token).AsTask()).ToArray();
        var talks = Enumerable.Range(0, 20).Select(_ => client.TalkAsync(Endless(Token), Token).LastAsync(Token).AsTask()).ToArray();
        await Wait.UntilAsync(() => host.ActiveCalls() == 40, "all streams run");
        await host.StopAsync(Token).WaitAsync(TimeSpan.FromSeconds(10), Token);
        foreach (var stream in streams.Concat(talks))
        {
            AssertDraining(await Assert.ThrowsAsync<CallException>(() => stream), notProcessed: false);
        }
    }

    [Fact]
    public async Task LIF_2_A_stream_whose_handler_takes_its_token_for_the_end_does_not_look_complete()
    {
        await using var hosts = new ProbeHosts(new FakeTimeProvider());
        var host = await hosts.ServeAsync(new Probe { OnCount = (_, token) => Polite(token) });
        var client = await hosts.ClientAsync();
        await using var stream = client.CountAsync(new("x"), Token).GetAsyncEnumerator(Token);
        Assert.True(await stream.MoveNextAsync());
        var next = stream.MoveNextAsync().AsTask();
        await host.StopAsync(Token);
        AssertDraining(await Assert.ThrowsAsync<CallException>(() => next), notProcessed: false);

        static async IAsyncEnumerable<ProbeReply> Polite([EnumeratorCancellation] CancellationToken token)
        {
            yield return new ProbeReply("one", 1);
            await Task.Delay(Timeout.Infinite, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [Fact]
    public async Task LB_3_What_a_draining_instance_refuses_another_takes()
    {
        await using var hosts = new ProbeHosts();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var leaving = Waiting(gate.Task);
        var first = await hosts.ServeAsync(leaving);
        var leaver = (await hosts.RegisteredAsync()).Single();
        var client = await hosts.ClientAsync(options => options.Timeout = TimeSpan.FromSeconds(30));
        var slow = client.EchoAsync(new("slow"), Token);
        await Wait.UntilAsync(() => leaving.Calls == 1, "the call runs");
        var stopping = first.StopAsync(Token);
        await Wait.UntilAsync(async () => (await hosts.RegisteredAsync()).Count == 0, "deregistered");

        // As if the registry were slow: the leaver is still listed.
        await using var stale = await hosts.Registry.RegisterAsync(leaver, Token);
        await hosts.ServeAsync(new Probe { Name = "stays" });
        var caller = await hosts.ClientAsync();
        for (var i = 0; i < 30; i++)
        {
            Assert.Equal("stays", (await caller.EchoAsync(new("x"), Token)).Instance);
            Assert.Equal(2, await caller.CountAsync(new("x", 2), Token).CountAsync(Token));
        }

        gate.SetResult();
        Assert.Equal("slow", (await slow).Text);
        await stopping;
    }

    [Fact]
    public async Task LIF_1_A_host_in_a_hurry_still_deregisters_and_cancels()
    {
        var clock = new FakeTimeProvider();
        await using var hosts = new ProbeHosts(clock);
        var notes = new ConcurrentQueue<string>();
        var host = await StartAsync(hosts, Waiting(new TaskCompletionSource().Task), notes.Enqueue, delay: "00:00:10", timeout: "00:00:20");
        var client = await hosts.ClientAsync(options => options.Timeout = Timeout.InfiniteTimeSpan);
        var unary = client.EchoAsync(new("slow"), Token);
        await Wait.UntilAsync(() => host.ActiveCalls() == 1, "the call runs");
        using var now = new CancellationTokenSource();
        var stopping = host.StopAsync(now.Token);
        await Wait.UntilAsync(() => notes.Contains("deregistering probe"), "deregistered");
        Assert.False(unary.IsCompleted);

        // The second signal.
        await now.CancelAsync();
        AssertDraining(await Assert.ThrowsAsync<CallException>(() => unary), notProcessed: false);
        await Record.ExceptionAsync(() => stopping);
        Assert.Equal("closing", notes.Last());
    }

    [Fact]
    public async Task LIF_1_A_registry_that_hangs_or_fails_does_not_keep_the_others_registered_nor_the_process_running()
    {
        var clock = new FakeTimeProvider();
        await using var hosts = new ProbeHosts(clock);
        var notes = new ConcurrentQueue<string>();
        var log = new LogRecorder();
        var ends = 0;
        var registry = new Lifecycle.NotingRegistry(hosts.Registry, notes.Enqueue)
        {
            BeforeEnd = () => ends++ switch
            {
                0 => new TaskCompletionSource().Task,
                1 => throw new DivideByZeroException(),
                _ => Task.CompletedTask,
            },
        };
        var host = await hosts.StartAsync("probe", micro =>
        {
            log.Join(micro);
            micro.AddInProcess().AddService<IProbe>(new Probe()).AddService<ISecond>(new Guarded()).AddService<IGuarded>(new Guarded());
            micro.AddRegistry(registry);
        });
        var stopping = host.StopAsync(Token);
        await AdvanceUntilAsync(clock, () => stopping.IsCompleted, "stopped");
        await stopping;
        Assert.Equal(3, ends);
        Assert.Single(notes, note => note.StartsWith("deregistering", StringComparison.Ordinal));
        Assert.Equal(2, log.Entries.Count(entry => entry.Text.Contains("ends by its time to live", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task O11_Stopping_twice_and_disposing_after_it_do_nothing_more()
    {
        await using var hosts = new ProbeHosts();
        var notes = new ConcurrentQueue<string>();
        var host = await StartAsync(hosts, new Probe(), notes.Enqueue, new Lifecycle.NotingRegistry(hosts.Registry, notes.Enqueue));
        await host.StopAsync(Token);
        await host.StopAsync(Token);
        await host.Get<MicroLifecycle>().DisposeAsync();
        Assert.Equal(["listening", "registering probe", "deregistering probe", "closing"], notes);
    }

    [Fact]
    public async Task A_host_that_is_disposed_without_being_stopped_is_deregistered_and_stays_so()
    {
        var clock = new FakeTimeProvider();
        await using var hosts = new ProbeHosts(clock);
        var notes = new ConcurrentQueue<string>();
        var host = await StartAsync(hosts, new Probe(), notes.Enqueue, new Lifecycle.NotingRegistry(hosts.Registry, notes.Enqueue));
        await ((IAsyncDisposable)host).DisposeAsync();
        clock.Advance(TimeSpan.FromMinutes(1));
        await Task.Yield();
        Assert.Equal(["listening", "registering probe", "deregistering probe", "closing"], notes);
        Assert.Empty(await hosts.RegisteredAsync());
    }

    [Fact]
    public async Task O11_Services_of_the_host_start_before_and_stop_after_Micro()
    {
        await using var hosts = new ProbeHosts();
        var notes = new ConcurrentQueue<string>();
        var host = await StartAsync(
            hosts,
            new Probe(),
            notes.Enqueue,
            new Lifecycle.NotingRegistry(hosts.Registry, notes.Enqueue),
            configure: micro => micro.Services.AddHostedService(_ => new Worker(notes.Enqueue)));
        await host.StopAsync(Token);
        Assert.Equal(["worker starts", "listening", "registering probe", "deregistering probe", "worker stops", "closing"], notes);
    }

    private static void AssertDraining(CallException error, bool notProcessed)
    {
        Assert.Equal(CallStatusCode.Unavailable, error.Code);
        Assert.Contains("draining", error.Message, StringComparison.Ordinal);
        Assert.Equal(notProcessed, error.Status.NotProcessed);
    }

    private static async Task AdvanceUntilAsync(FakeTimeProvider clock, Func<bool> condition, string what) => await Wait.UntilAsync(
        () =>
        {
            clock.Advance(TimeSpan.FromMilliseconds(100));
            return condition();
        },
        what);

    private static Task<IHost> StartAsync(
        ProbeHosts hosts,
        Probe probe,
        Action<string> note,
        Lifecycle.NotingRegistry? registry = null,
        string delay = "00:00:00",
        string timeout = "00:00:20",
        Action<IMicroBuilder>? configure = null) => hosts.StartAsync(
        "probe",
        micro =>
        {
            micro.AddService<IProbe>(probe).AddListener(note);
            micro.AddRegistry(registry ?? new Lifecycle.NotingRegistry(hosts.Registry, note));
            configure?.Invoke(micro);
        },
        builder =>
        {
            builder.Configuration["Micro:Server:DrainDelay"] = delay;
            builder.Configuration["Micro:Server:DrainTimeout"] = timeout;
        });

    /// <summary>Unary calls named slow wait for the gate; streams go on for ever.</summary>
    private static Probe Waiting(Task gate) => new()
    {
        OnCall = async (request, context) =>
        {
            await (request.Text == "slow" ? gate.WaitAsync(context.CancellationToken) : Task.CompletedTask);
            return new ProbeReply(request.Text, 0);
        },
        OnCount = (_, token) => CountAsync(token),
    };

    private static async IAsyncEnumerable<ProbeReply> CountAsync([EnumeratorCancellation] CancellationToken token)
    {
        yield return new ProbeReply("one", 1);
        await Task.Delay(Timeout.Infinite, token);
    }

    private static async IAsyncEnumerable<ProbeItem> Endless([EnumeratorCancellation] CancellationToken token)
    {
        yield return new ProbeItem("one", 1);
        await Task.Delay(Timeout.Infinite, token);
    }

    private sealed class Worker(Action<string> note) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            note("worker starts");
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken)
        {
            note("worker stops");
            return Task.CompletedTask;
        }
    }
}
