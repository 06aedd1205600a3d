using System.Runtime.CompilerServices;
using Micro.Rpc;
using Micro.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Micro.Tests.Rpc;

/// <summary>The context of a call on both sides, and the options of a scope.</summary>
public sealed class ContextTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_current_call_is_the_one_being_handled_and_there_is_none_outside()
    {
        await using var hosts = new ProbeHosts();
        CallContext? current = null;
        CallContext? given = null;
        await hosts.ServeAsync(new Probe
        {
            OnCall = async (request, context) =>
            {
                await Task.Yield();
                (current, given) = (CallContext.Current, context);
                Assert.True(context.IsServer);
                Assert.Equal("/probe.Probe/WithContext", context.Spec!.Path);
                Assert.Equal("inproc", context.RemoteAddress);
                Assert.NotNull(context.Services.GetService<IServiceScopeFactory>());
                return new ProbeReply(request.Text, 0);
            },
        });
        var client = await hosts.ClientAsync();
        Assert.Null(CallContext.Current);
        await client.WithContextAsync(new("x"), new CallContext(null, Token));
        Assert.Null(CallContext.Current);
        Assert.NotNull(current);
        Assert.Same(given, current);
    }

    [Fact]
    public async Task Code_that_outlives_its_handler_is_told_so()
    {
        await using var hosts = new ProbeHosts();
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<(Exception?, Exception?, Exception?)>? left = null;
        await hosts.ServeAsync(new Probe
        {
            OnCall = (request, context) =>
            {
                left = OutliveAsync(over.Task, context);
                return Task.FromResult(new ProbeReply(request.Text, 0));
            },
        });
        var client = await hosts.ClientAsync();
        await client.EchoAsync(new("x"), Token);
        over.SetResult();
        var (current, headers, services) = await left!;
        Assert.IsType<InvalidOperationException>(current);
        Assert.IsType<InvalidOperationException>(headers);
        Assert.IsType<InvalidOperationException>(services);
        Assert.Contains("has ended", current.Message, StringComparison.Ordinal);

        static async Task<(Exception?, Exception?, Exception?)> OutliveAsync(Task over, CallContext context)
        {
            await over;
            return (Record.Exception(() => CallContext.Current), Record.Exception(() => context.RequestHeaders), Record.Exception(() => context.Services));
        }
    }

    [Fact]
    public async Task Code_that_outlives_its_handler_can_still_call_and_inherits_nothing()
    {
        await using var hosts = new ProbeHosts();
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await hosts.ServeAsync(new Probe { Name = "backend" });
        var backend = await hosts.ClientAsync();
        await using var front = new ProbeHosts();
        Task<ProbeReply>? left = null;
        await front.ServeAsync(new Probe
        {
            OnCall = (request, _) =>
            {
                left = LaterAsync();
                return Task.FromResult(new ProbeReply(request.Text, 0));

                async Task<ProbeReply> LaterAsync()
                {
                    await over.Task;
                    return await backend.EchoAsync(new("later"), Token);
                }
            },
        });
        var client = await front.ClientAsync();
        await client.EchoAsync(new("x"), Token);
        over.SetResult();
        Assert.Equal("backend", (await left!).Instance);
    }

    [Fact]
    public async Task A_context_is_for_one_call()
    {
        await using var hosts = new ProbeHosts();
        await hosts.ServeAsync(new Probe());
        var client = await hosts.ClientAsync();
        var context = new CallContext(null, Token);
        await client.WithContextAsync(new("x"), context);
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => client.WithContextAsync(new("x"), context));
        Assert.Contains("Make a new one for each call", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_many_that_take_one_context_at_once_one_gets_it()
    {
        await using var hosts = new ProbeHosts();
        await hosts.ServeAsync(new Probe());
        var client = await hosts.ClientAsync();
        for (var round = 0; round < 20; round++)
        {
            var context = new CallContext(null, Token);
            var calls = Enumerable.Range(0, 8).Select(_ => Task.Run(() => client.WithContextAsync(new("x"), context), Token)).ToArray();
            await Record.ExceptionAsync(() => Task.WhenAll(calls));
            Assert.Equal(1, calls.Count(call => call.IsCompletedSuccessfully));
            Assert.All(calls.Select(call => call.Exception?.InnerException).OfType<Exception>(), error => Assert.IsType<InvalidOperationException>(error));
        }
    }

    [Fact]
    public async Task The_context_of_the_call_being_handled_cannot_be_used_for_another()
    {
        await using var hosts = new ProbeHosts();
        await hosts.ServeAsync(new Probe());
        var backend = await hosts.ClientAsync();
        await using var front = new ProbeHosts();
        Exception? error = null;
        await front.ServeAsync(new Probe
        {
            OnCall = async (request, context) =>
            {
                error = await Record.ExceptionAsync(() => backend.WithContextAsync(request, context));
                return new ProbeReply("", 0);
            },
        });
        var client = await front.ClientAsync();
        await client.EchoAsync(new("x"), Token);
        Assert.IsType<InvalidOperationException>(error);
    }

    [Fact]
    public async Task Options_of_a_scope_nest_and_end_with_it()
    {
        await using var hosts = new ProbeHosts();
        var seen = new List<string?>();
        await hosts.ServeAsync(new Probe
        {
            OnCall = (request, context) =>
            {
                seen.Add(context.RequestHeaders["x-scope"]);
                return Task.FromResult(new ProbeReply(request.Text, 0));
            },
        });
        var client = await hosts.ClientAsync();
        await client.EchoAsync(new("x"), Token);
        using (CallOptions.Use(With("outer")))
        {
            await client.EchoAsync(new("x"), Token);
            using (CallOptions.Use(With("inner")))
            {
                await client.EchoAsync(new("x"), Token);
                await client.WithContextAsync(new("x"), new CallContext(With("given"), Token));
            }

            await client.EchoAsync(new("x"), Token);
            await UsedElsewhereAsync();
            await client.EchoAsync(new("x"), Token);
        }

        await client.EchoAsync(new("x"), Token);
        Assert.Equal([null, "outer", "inner", "given", "outer", "outer", null], seen);

        static async Task UsedElsewhereAsync()
        {
            _ = CallOptions.Use(With("lost"));
            await Task.Yield();
        }

        static CallOptions With(string name) => new() { Headers = new CallHeaders().Add("x-scope", name) };
    }

    [Fact]
    public async Task Options_of_a_scope_are_those_of_a_stream_that_was_asked_for_in_it()
    {
        await using var hosts = new ProbeHosts();
        string? seen = null;
        await hosts.ServeAsync(new Probe
        {
            OnCount = (_, _) =>
            {
                seen = CallContext.Current!.RequestHeaders["x-scope"];
                return AsyncEnumerable.Empty<ProbeReply>();
            },
        });
        var client = await hosts.ClientAsync();
        IAsyncEnumerable<ProbeReply> stream;
        using (CallOptions.Use(new CallOptions { Headers = new CallHeaders().Add("x-scope", "then") }))
        {
            stream = client.CountAsync(new("x"), Token);
        }

        Assert.Empty(await stream.ToListAsync(Token));
        Assert.Equal("then", seen);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(6)]
    public void LB_4_A_call_has_one_to_five_attempts(int attempts) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new CallOptions { MaxAttempts = attempts });

    [Fact]
    public async Task A_time_longer_than_clocks_count_is_no_deadline()
    {
        await using var hosts = new ProbeHosts();
        TimeSpan? left = TimeSpan.Zero;
        await hosts.ServeAsync(new Probe
        {
            OnCall = (request, context) =>
            {
                left = context.Remaining;
                return Task.FromResult(new ProbeReply(request.Text, 0));
            },
        });
        var client = await hosts.ClientAsync();
        await client.WithContextAsync(new("x"), new CallContext(new CallOptions { Timeout = TimeSpan.MaxValue }, Token));
        Assert.Null(left);
    }

    [Fact]
    public async Task Headers_of_a_stream_are_there_with_its_first_message()
    {
        await using var hosts = new ProbeHosts();
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await hosts.ServeAsync(new Probe { OnCount = (_, token) => StreamAsync(goOn.Task, token) });
        var client = await hosts.StreamClientAsync();
        var context = new CallContext(null, Token);
        await using var stream = client(new("x"), context).GetAsyncEnumerator(Token);
        Assert.True(await stream.MoveNextAsync());
        Assert.Equal("early", context.ResponseHeaders["x-head"]);
        Assert.Null(context.ResponseTrailers["x-tail"]);
        goOn.SetResult();
        Assert.True(await stream.MoveNextAsync());
        Assert.False(await stream.MoveNextAsync());
        Assert.Equal("early", context.ResponseHeaders["x-head"]);
        Assert.Equal("late", context.ResponseTrailers["x-tail"]);

        static async IAsyncEnumerable<ProbeReply> StreamAsync(Task goOn, [EnumeratorCancellation] CancellationToken token)
        {
            CallContext.Current!.ResponseHeaders.Add("x-head", "early");
            yield return new ProbeReply("one", 1);
            await goOn.WaitAsync(token);
            CallContext.Current!.ResponseTrailers.Add("x-tail", "late");
            yield return new ProbeReply("two", 2);
        }
    }

    [Fact]
    public async Task Headers_of_a_stream_without_a_message_are_there_at_its_end()
    {
        await using var hosts = new ProbeHosts();
        await hosts.ServeAsync(new Probe
        {
            OnCount = (_, _) =>
            {
                CallContext.Current!.ResponseHeaders.Add("x-head", "only");
                return AsyncEnumerable.Empty<ProbeReply>();
            },
        });
        var client = await hosts.StreamClientAsync();
        var context = new CallContext(null, Token);
        Assert.Empty(await client(new("x"), context).ToListAsync(Token));
        Assert.Equal("only", context.ResponseHeaders["x-head"]);
    }
}
