using Micro.Hosting;
using Micro.Rpc;
using Micro.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Micro.Tests.Rpc;

/// <summary>Deadlines and cancellation, over both pipelines.</summary>
public sealed class DeadlineTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TRN_4_K11_A_passed_deadline_is_one_error_with_a_useful_text_and_the_handler_is_told()
    {
        var clock = new FakeTimeProvider();
        await using var hosts = new ProbeHosts(clock);
        var entered = new TaskCompletionSource();
        var cancelled = new TaskCompletionSource();
        await hosts.ServeAsync(Hanging(entered, cancelled));
        var client = await hosts.ClientAsync();
        var call = client.EchoAsync(new("x"), Token);
        await entered.Task.WaitAsync(Token);
        clock.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(call.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(0.2));
        var error = await Assert.ThrowsAsync<CallException>(() => call);
        Assert.Equal(CallStatusCode.DeadlineExceeded, error.Code);
        Assert.Contains("/probe.Probe/Echo", error.Message, StringComparison.Ordinal);
        Assert.Contains("5 s", error.Message, StringComparison.Ordinal);
        Assert.Equal(CallStatusCode.DeadlineExceeded, Assert.Single(error.Attempts).Status.Code);
        await cancelled.Task.WaitAsync(Token);
    }

    [Fact]
    public async Task K10_An_explicit_deadline_replaces_the_default()
    {
        var clock = new FakeTimeProvider();
        await using var hosts = new ProbeHosts(clock);
        var entered = new TaskCompletionSource();
        await hosts.ServeAsync(Hanging(entered, new TaskCompletionSource()));
        var client = await hosts.ClientAsync();
        var call = client.WithContextAsync(new("x"), new CallContext(new CallOptions { Timeout = TimeSpan.FromSeconds(1) }, Token));
        await entered.Task.WaitAsync(Token);
        clock.Advance(TimeSpan.FromSeconds(1.1));
        Assert.Equal(CallStatusCode.DeadlineExceeded, (await Assert.ThrowsAsync<CallException>(() => call)).Code);
    }

    [Fact]
    public async Task TRN_4_The_next_hop_gets_the_time_that_remains_however_long_its_own_default()
    {
        var clock = new FakeTimeProvider();
        await using var hosts = new ProbeHosts(clock);
        TimeSpan? atBackend = null;
        await hosts.StartAsync("probe", micro => micro.AddInProcess().AddService<IProbe>(new Probe
        {
            OnCall = (_, context) =>
            {
                atBackend = context.Remaining;
                return Task.FromResult(new ProbeReply("deep", 0));
            },
        }));
        var backend = await hosts.ClientAsync(options => options.Timeout = TimeSpan.FromMinutes(5));
        await using var front = new ProbeHosts(clock);
        await front.ServeAsync(new Probe
        {
            OnCall = async (request, _) =>
            {
                clock.Advance(TimeSpan.FromSeconds(2));
                return await backend.EchoAsync(request);
            },
        });
        var client = await front.ClientAsync();
        await client.EchoAsync(new("x"), Token);
        Assert.Equal(TimeSpan.FromSeconds(3), atBackend);
    }

    [Fact]
    public async Task Cancelling_a_call_cancels_the_calls_its_handler_makes()
    {
        await using var hosts = new ProbeHosts();
        var entered = new TaskCompletionSource();
        var cancelled = new TaskCompletionSource();
        await hosts.ServeAsync(Hanging(entered, cancelled));
        var backend = await hosts.ClientAsync();
        await using var front = new ProbeHosts();
        await front.ServeAsync(new Probe { OnCall = (request, _) => backend.EchoAsync(request) });
        var client = await front.ClientAsync();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var call = client.EchoAsync(new("x"), stop.Token);
        await entered.Task.WaitAsync(Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await cancelled.Task.WaitAsync(Token);
    }

    [Fact]
    public async Task A_stream_with_no_message_for_too_long_ends()
    {
        var clock = new FakeTimeProvider();
        await using var hosts = new ProbeHosts(clock);
        await hosts.ServeAsync(new Probe { OnCount = (_, token) => Slow(token) });
        var client = await hosts.ClientAsync(options => options.StreamIdleTimeout = TimeSpan.FromSeconds(10));
        await using var stream = client.CountAsync(new("x"), Token).GetAsyncEnumerator(Token);
        Assert.True(await stream.MoveNextAsync());
        var next = stream.MoveNextAsync();
        Assert.False(next.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(CallStatusCode.DeadlineExceeded, (await Assert.ThrowsAsync<CallException>(async () => await next)).Code);

        static async IAsyncEnumerable<ProbeReply> Slow([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken token)
        {
            yield return new ProbeReply("first", 1);
            await Task.Delay(Timeout.Infinite, token);
        }
    }

    [Fact]
    public async Task A_stream_has_no_deadline_by_default()
    {
        var clock = new FakeTimeProvider();
        await using var hosts = new ProbeHosts(clock);
        TimeSpan? left = TimeSpan.Zero;
        await hosts.ServeAsync(new Probe
        {
            OnCount = (_, _) =>
            {
                left = CallContext.Current!.Remaining;
                return AsyncEnumerable.Empty<ProbeReply>();
            },
        });
        var client = await hosts.ClientAsync();
        Assert.Empty(await client.CountAsync(new("x"), Token).ToListAsync(Token));
        Assert.Null(left);
    }

    [Fact]
    public async Task Stopping_to_enumerate_ends_the_handler()
    {
        await using var hosts = new ProbeHosts();
        var ended = new TaskCompletionSource();
        await hosts.ServeAsync(new Probe { OnCount = (_, token) => Endless(ended, token) });
        var client = await hosts.ClientAsync();
        await foreach (var _ in client.CountAsync(new("x"), Token))
        {
            break;
        }

        await ended.Task.WaitAsync(Token);

        static async IAsyncEnumerable<ProbeReply> Endless(TaskCompletionSource ended, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken token)
        {
            try
            {
                for (var i = 0; ; i++)
                {
                    await Task.Yield();
                    token.ThrowIfCancellationRequested();
                    yield return new ProbeReply("n", i);
                }
            }
            finally
            {
                ended.TrySetResult();
            }
        }
    }

    private static Probe Hanging(TaskCompletionSource entered, TaskCompletionSource cancelled) => new()
    {
        OnCall = async (_, context) =>
        {
            entered.TrySetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, context.CancellationToken);
            }
            finally
            {
                cancelled.TrySetResult();
            }

            return new ProbeReply("never", 0);
        },
    };
}
