using System.Runtime.CompilerServices;
using Micro.Discovery;
using Micro.Hosting;
using Micro.Rpc;
using Micro.Tests.Support;
using Micro.Transport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Micro.Tests.Rpc;

/// <summary>LIF-4: what fails, fails alone, and what hangs does not make others hang.</summary>
public sealed class IsolationTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task LIF_4_A_failing_handler_of_any_kind_ends_its_call_only()
    {
        await using var hosts = new ProbeHosts();
        var fail = true;
        var probe = new Probe
        {
            OnCall = (request, _) => fail ? throw new DivideByZeroException() : Task.FromResult(new ProbeReply(request.Text, 3)),
            OnCount = (_, _) => fail ? throw new DivideByZeroException() : Enumerable.Repeat(new ProbeReply("n", 0), 3).ToAsyncEnumerable(),
            OnTalk = (items, token) => fail ? throw new DivideByZeroException() : items.Select(item => new ProbeReply(item.Text, item.Number)),
        };
        var host = await hosts.ServeAsync(probe);
        var client = await hosts.ClientAsync();
        foreach (var call in new Func<Task<int>>[]
        {
            async () => (await client.EchoAsync(new("x"), Token)).Number,
            async () => await client.CountAsync(new("x"), Token).CountAsync(Token),
            async () => await client.TalkAsync(Items(3), Token).CountAsync(Token),
        })
        {
            fail = true;
            Assert.Equal(CallStatusCode.Internal, (await Assert.ThrowsAsync<CallException>(call)).Code);
            fail = false;
            Assert.Equal(3, await call());
        }

        await Wait.UntilAsync(() => host.ActiveCalls() == 0, "all calls ended");
    }

    [Fact]
    public async Task LIF_4_An_enumerator_that_fails_half_way_ends_its_stream_after_what_was_sent()
    {
        await using var hosts = new ProbeHosts();
        await hosts.ServeAsync(new Probe { OnCount = (_, _) => Failing() });
        var client = await hosts.ClientAsync();
        var got = new List<int>();
        var error = await Assert.ThrowsAsync<CallException>(async () =>
        {
            await foreach (var reply in client.CountAsync(new("x"), Token))
            {
                got.Add(reply.Number);
            }
        });
        Assert.Equal([1, 2], got);
        Assert.Equal(CallStatusCode.Internal, error.Code);

        static async IAsyncEnumerable<ProbeReply> Failing()
        {
            yield return new ProbeReply("a", 1);
            await Task.Yield();
            yield return new ProbeReply("b", 2);
            throw new DivideByZeroException();
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task LIF_4_What_the_requests_of_the_caller_throw_is_the_callers_and_the_server_hears_of_a_cancelled_call(bool callException)
    {
        await using var hosts = new ProbeHosts();
        Exception? atServer = null;
        var host = await hosts.ServeAsync(new Probe
        {
            OnTalk = (items, _) => Reading(items, error => atServer = error),
        });
        var client = await hosts.ClientAsync();
        Exception thrown = callException ? new CallException(CallStatusCode.DataLoss, "of another call") : new DivideByZeroException();
        var answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var error = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await foreach (var _ in client.TalkAsync(Failing(thrown, answered.Task), Token))
            {
                answered.SetResult();
            }
        });
        Assert.Same(thrown, error);
        await Wait.UntilAsync(() => host.ActiveCalls() == 0, "the handler ended");
        Assert.NotNull(atServer);
        Assert.Same(thrown, await Assert.ThrowsAnyAsync<Exception>(() => client.SumAsync(Failing(thrown, Task.CompletedTask), Token)));

        static async IAsyncEnumerable<ProbeItem> Failing(Exception thrown, Task when)
        {
            yield return new ProbeItem("a", 1);
            await when;
            throw thrown;
        }

        static async IAsyncEnumerable<ProbeReply> Reading(IAsyncEnumerable<ProbeItem> items, Action<Exception> ended)
        {
            await using var source = items.GetAsyncEnumerator(CancellationToken.None);
            while (true)
            {
                try
                {
                    if (!await source.MoveNextAsync())
                    {
                        yield break;
                    }
                }
                catch (Exception e)
                {
                    ended(e);
                    throw;
                }

                yield return new ProbeReply("got", source.Current.Number);
            }
        }
    }

    [Fact]
    public async Task LIF_4_Requests_whose_enumerator_cannot_be_made_or_disposed_fail_the_call_and_nothing_hangs()
    {
        await using var hosts = new ProbeHosts();
        var transport = new TransportProbe();
        await hosts.ServeAsync(new Probe());
        var client = await hosts.ClientAsync(configure: micro => micro.Services.AddSingleton<IClientTransport>(transport));
        await Assert.ThrowsAsync<DivideByZeroException>(() => client.SumAsync(new Broken(onMake: true), Token));
        await Assert.ThrowsAsync<DivideByZeroException>(() => client.SumAsync(new Broken(onMake: false), Token));
        Assert.Equal(3, (await client.SumAsync(Items(3), Token)).Number);
    }

    [Fact]
    public async Task LIF_4_A_request_that_cannot_be_encoded_ends_its_call_with_the_reason()
    {
        await using var hosts = new ProbeHosts();
        var host = await hosts.ServeAsync(new Probe());
        var client = await hosts.ClientAsync();
        var error = await Assert.ThrowsAsync<CallException>(() => client.SumAsync(new[] { new ProbeItem("ok", 1), new ProbeItem("\ud800", 2) }.ToAsyncEnumerable(), Token));
        Assert.Equal(CallStatusCode.InvalidArgument, error.Code);
        await Wait.UntilAsync(() => host.ActiveCalls() == 0, "the handler ended");
    }

    [Fact]
    public async Task TRN_4_Requests_that_never_come_do_not_hold_a_call_that_is_over()
    {
        var clock = new FakeTimeProvider();
        await using var hosts = new ProbeHosts(clock);
        var host = await hosts.ServeAsync(new Probe { OnTalk = (_, _) => new[] { new ProbeReply("bye", 0) }.ToAsyncEnumerable() });
        var client = await hosts.ClientAsync();
        var disposed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var never = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        // The server has enough; the caller's console still waits for a line.
        Assert.Equal(["bye"], await client.TalkAsync(Deaf(never.Task, disposed), Token).Select(reply => reply.Text).ToListAsync(Token));

        // The deadline passes meanwhile.
        using var limit = CallOptions.Use(new CallOptions { Timeout = TimeSpan.FromSeconds(1) });
        var sum = client.SumAsync(Deaf(never.Task, new TaskCompletionSource()), Token);
        await Wait.UntilAsync(() => host.ActiveCalls() == 1, "the handler reads");
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(CallStatusCode.DeadlineExceeded, (await Assert.ThrowsAsync<CallException>(() => sum)).Code);

        // What was abandoned is cleaned up when it returns.
        Assert.False(disposed.Task.IsCompleted);
        never.SetException(new DivideByZeroException());
        await disposed.Task.WaitAsync(Token);

        static async IAsyncEnumerable<ProbeItem> Deaf(Task never, TaskCompletionSource disposed)
        {
            try
            {
                yield return new ProbeItem("hello", 1);
                await never;
            }
            finally
            {
                disposed.TrySetResult();
            }
        }
    }

    [Fact]
    public async Task LIF_4_A_callback_of_a_handlers_token_that_fails_is_logged_and_the_call_ends_as_it_would()
    {
        var clock = new FakeTimeProvider();
        await using var hosts = new ProbeHosts(clock);
        var log = new LogRecorder();
        var entered = new SemaphoreSlim(0);
        await hosts.ServeAsync(
            new Probe
            {
                OnCall = async (_, context) =>
                {
                    // Disposed with the call; left in place, which is the point.
                    context.CancellationToken.Register(() => throw new DivideByZeroException());
                    entered.Release();
                    await Task.Delay(Timeout.Infinite, context.CancellationToken);
                    return new ProbeReply("never", 0);
                },
            },
            log.Join);
        var client = await hosts.ClientAsync();

        // By the deadline, on a timer's thread, where an exception would end the process.
        var late = client.EchoAsync(new("x"), Token);
        await entered.WaitAsync(Token);
        clock.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(CallStatusCode.DeadlineExceeded, (await Assert.ThrowsAsync<CallException>(() => late)).Code);

        // By the caller, in whose Cancel it would surface.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var cancelled = client.EchoAsync(new("x"), stop.Token);
        await entered.WaitAsync(Token);
        stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        await Wait.UntilAsync(() => log.Entries.Count(entry => entry.Text.Contains("callback", StringComparison.Ordinal)) == 2, "both are logged");
    }

    [Fact]
    public async Task LIF_4_A_callback_of_a_callers_context_that_fails_is_logged()
    {
        var clock = new FakeTimeProvider();
        await using var hosts = new ProbeHosts(clock);
        var log = new LogRecorder();
        var entered = new TaskCompletionSource();
        await hosts.ServeAsync(new Probe
        {
            OnCall = async (_, context) =>
            {
                entered.TrySetResult();
                await Task.Delay(Timeout.Infinite, context.CancellationToken);
                return new ProbeReply("never", 0);
            },
        });
        var client = await hosts.ClientAsync(configure: log.Join);
        var context = new CallContext(null, Token);
        var call = client.WithContextAsync(new("x"), context);
        context.CancellationToken.Register(() => throw new DivideByZeroException());
        await entered.Task.WaitAsync(Token);
        clock.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(CallStatusCode.DeadlineExceeded, (await Assert.ThrowsAsync<CallException>(() => call)).Code);
        Assert.Contains(log.Entries, entry => entry.Text.Contains("callback", StringComparison.Ordinal));
    }

    [Fact]
    public async Task LIF_4_Services_of_a_call_that_fail_to_be_disposed_are_logged_and_the_caller_has_its_answer()
    {
        await using var hosts = new ProbeHosts();
        var log = new LogRecorder();
        var host = await hosts.StartAsync("probe", micro =>
        {
            log.Join(micro);
            micro.Services.AddScoped<Resource>();
            micro.AddInProcess().AddService<IProbe>(new Probe
            {
                OnCall = (request, context) =>
                {
                    context.Services.GetRequiredService<Resource>();
                    return Task.FromResult(new ProbeReply(request.Text, 7));
                },
            });
        });
        var client = await hosts.ClientAsync();
        Assert.Equal(7, (await client.EchoAsync(new("x"), Token)).Number);
        await Wait.UntilAsync(() => log.Entries.Any(entry => entry.Text.Contains("could not be disposed", StringComparison.Ordinal)), "it is logged");
        await Wait.UntilAsync(() => host.ActiveCalls() == 0, "the call ended");
    }

    [Fact]
    public async Task A_stream_that_ends_because_of_its_token_does_not_look_complete()
    {
        var clock = new FakeTimeProvider();
        await using var hosts = new ProbeHosts(clock);
        var host = await hosts.ServeAsync(new Probe { OnCount = (_, token) => Polite(token) });
        var first = new TaskCompletionSource();
        var raw = new RawCall("{\"text\":\"x\"}");
        var call = host.AcceptAsync(raw.To("/probe.Probe/Count", TimeSpan.FromSeconds(1))).AsTask();
        await Wait.UntilAsync(() => raw.Responses.Count == 1, "the first message");
        clock.Advance(TimeSpan.FromSeconds(2));
        await call.WaitAsync(Token);
        Assert.Equal(CallStatusCode.DeadlineExceeded, raw.Outcome!.Status.Code);

        static async IAsyncEnumerable<ProbeReply> Polite([EnumeratorCancellation] CancellationToken token)
        {
            yield return new ProbeReply("one", 1);
            await Task.Delay(Timeout.Infinite, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [Fact]
    public async Task An_instance_that_this_process_has_no_transport_for_does_not_fail_the_calls_others_can_take()
    {
        await using var hosts = new ProbeHosts();
        await hosts.ServeAsync(new Probe { Name = "live" });
        await hosts.Registry.RegisterAsync(new ServiceInstance("probe", "a-foreign", [new Uri("carrier+pigeon://roof:1")]), Token);
        await hosts.Registry.RegisterAsync(new ServiceInstance("probe", "b-nowhere", []), Token);
        await hosts.Registry.RegisterAsync(new ServiceInstance("probe", "c-broken", [new Uri("broken://x:1")]), Token);
        var client = await hosts.ClientAsync(
            options => options.MaxAttempts = 5, micro => micro.Services.AddSingleton<IClientTransport>(new BrokenTransport()));
        for (var i = 0; i < 50; i++)
        {
            Assert.Equal("live", (await client.EchoAsync(new("x"), Token)).Instance);
            Assert.Equal(3, await client.TalkAsync(Items(3), Token).CountAsync(Token));
        }
    }

    [Fact]
    public async Task An_instance_is_called_at_the_first_of_its_addresses_that_can_be_used()
    {
        await using var hosts = new ProbeHosts();
        await using var elsewhere = new ProbeHosts();
        await elsewhere.ServeAsync(new Probe { Name = "live" });
        var address = (await elsewhere.Registry.WatchAsync("probe", Token).FirstAsync(Token)).Instances.Single().Addresses.Single();
        await hosts.Registry.RegisterAsync(new ServiceInstance("probe", "a", [new Uri("pigeon://roof:1"), new Uri("broken://x:1"), address]), Token);
        var client = await hosts.ClientAsync(
            options => options.MaxAttempts = 1, micro => micro.Services.AddSingleton<IClientTransport>(new BrokenTransport()));
        Assert.Equal("live", (await client.EchoAsync(new("x"), Token)).Instance);
    }

    [Fact]
    public async Task An_instance_that_cannot_be_reached_by_any_means_says_what_is_missing()
    {
        await using var hosts = new ProbeHosts();
        await hosts.Registry.RegisterAsync(new ServiceInstance("probe", "p", [new Uri("pigeon://roof:1")]), Token);
        var client = await hosts.ClientAsync(options => options.MaxAttempts = 1);
        var error = await Assert.ThrowsAsync<CallException>(() => client.EchoAsync(new("x"), Token));
        Assert.Equal(CallStatusCode.Unavailable, error.Code);
        Assert.True(error.Status.NotProcessed);
        Assert.Contains("pigeon://roof:1", error.Message, StringComparison.Ordinal);
        Assert.Contains("inproc", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LB_7_A_message_is_sent_once_to_the_instance_that_takes_it_however_many_refused_to_open()
    {
        await using var hosts = new ProbeHosts();
        await hosts.ServeAsync(new Probe { Name = "live" });
        for (var i = 0; i < 4; i++)
        {
            await hosts.Registry.RegisterAsync(new ServiceInstance("probe", $"refuses-{i}", [new Uri($"refusing://x:{i + 1}")]), Token);
        }

        for (var round = 0; round < 10; round++)
        {
            // A new client, so that none of the instances is left alone yet.
            var client = await hosts.ClientAsync(
                options => options.MaxAttempts = 5, micro => micro.Services.AddSingleton<IClientTransport>(new RefusingTransport()));
            Assert.Equal(3, (await client.SumAsync(Items(3), Token)).Number);
        }
    }

    private static async IAsyncEnumerable<ProbeItem> Items(int count)
    {
        for (var i = 0; i < count; i++)
        {
            yield return new ProbeItem("i", 1);
            await Task.Yield();
        }
    }

    private sealed class Resource : IDisposable
    {
        public void Dispose() => throw new DivideByZeroException();
    }

    private sealed class Broken(bool onMake) : IAsyncEnumerable<ProbeItem>, IAsyncEnumerator<ProbeItem>
    {
        public ProbeItem Current => throw new InvalidOperationException();

        public IAsyncEnumerator<ProbeItem> GetAsyncEnumerator(CancellationToken cancellationToken = default) => onMake ? throw new DivideByZeroException() : this;

        public ValueTask<bool> MoveNextAsync() => new(false);

        public ValueTask DisposeAsync() => throw new DivideByZeroException();
    }

    private sealed class BrokenTransport : IClientTransport
    {
        public string Scheme => "broken";

        public IClientConnection Connect(Uri address, ConnectionTarget target) => throw new MicroAddressException(address, "cannot be used");
    }

    private sealed class RefusingTransport : IClientTransport, IClientConnection
    {
        public string Scheme => "refusing";

        public IClientConnection Connect(Uri address, ConnectionTarget target) => this;

        public ValueTask<ICallStream> OpenAsync(OutgoingCall call, CancellationToken cancellationToken) =>
            throw new CallException(new CallStatus(CallStatusCode.Unavailable, "refused", notProcessed: true));

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
