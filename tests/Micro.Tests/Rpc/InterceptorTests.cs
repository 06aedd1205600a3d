using System.ComponentModel.DataAnnotations;
using Micro.Hosting;
using Micro.Rpc;
using Micro.Rpc.Interceptors;
using Micro.Tests.Support;
using Microsoft.Extensions.Hosting;

namespace Micro.Tests.Rpc;

/// <summary>O10: behaviour around calls, on both sides and for every kind.</summary>
public sealed class InterceptorTests
{
    public enum Side
    {
        Client,
        Server,
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(CallKind.Unary)]
    [InlineData(CallKind.ServerStream)]
    [InlineData(CallKind.ClientStream)]
    [InlineData(CallKind.Duplex)]
    public async Task O10_The_first_added_is_the_outermost_on_both_sides(CallKind kind)
    {
        await using var hosts = new ProbeHosts();
        var trail = new List<string>();
        await hosts.ServeAsync(new Probe(), micro => Add(micro, "server"));
        var client = await hosts.ClientAsync(configure: micro => Add(micro, "client"));
        Assert.Equal(3, await CallAsync(client, kind));
        Assert.Equal(
            ["client 1 in", "client 2 in", "server 1 in", "server 2 in", "server 2 out", "server 1 out", "client 2 out", "client 1 out"],
            kind is CallKind.Unary or CallKind.ClientStream ? trail : Nested(trail));

        void Add(IMicroBuilder micro, string side)
        {
            micro.AddInterceptor(_ => new Recorder($"{side} 1", trail));
            micro.AddInterceptor(_ => new Recorder($"{side} 2", trail));
        }

        // Where responses are a stream, next() gives the stream before the call is sent, so the server's part comes after.
        static List<string> Nested(List<string> trail)
        {
            Assert.Equal(["client 1 in", "client 2 in", "client 2 out", "client 1 out"], trail.Where(step => step.StartsWith("client", StringComparison.Ordinal)));
            return ["client 1 in", "client 2 in", .. trail.Where(step => step.StartsWith("server", StringComparison.Ordinal)), "client 2 out", "client 1 out"];
        }
    }

    [Theory]
    [InlineData(Side.Client)]
    [InlineData(Side.Server)]
    public async Task O10_One_that_throws_ends_the_call_with_its_status(Side side)
    {
        await using var hosts = new ProbeHosts();
        var probe = new Probe();
        var client = await StartAsync(hosts, probe, side, (_, _) => throw new CallException(CallStatusCode.Unauthenticated, "who?"));
        foreach (var kind in Enum.GetValues<CallKind>())
        {
            var error = await Assert.ThrowsAsync<CallException>(() => CallAsync(client, kind));
            Assert.Equal(CallStatusCode.Unauthenticated, error.Code);
            Assert.Equal("who?", error.Status.Message);
        }

        Assert.Equal(0, probe.Calls);
    }

    [Theory]
    [InlineData(Side.Client)]
    [InlineData(Side.Server)]
    public async Task LIF_4_One_that_fails_ends_that_call_only(Side side)
    {
        await using var hosts = new ProbeHosts();
        var fail = true;
        var client = await StartAsync(hosts, new Probe(), side, (context, next) => fail ? throw new DivideByZeroException() : next(context));
        foreach (var kind in Enum.GetValues<CallKind>())
        {
            fail = true;
            var error = await Assert.ThrowsAnyAsync<Exception>(() => CallAsync(client, kind));
            Assert.True(side == Side.Client ? error is DivideByZeroException : error is CallException { Code: CallStatusCode.Internal }, error.ToString());
            fail = false;
            Assert.Equal(3, await CallAsync(client, kind));
        }
    }

    [Theory]
    [InlineData(Side.Client)]
    [InlineData(Side.Server)]
    public async Task O10_One_that_does_not_call_next_answers_itself(Side side)
    {
        await using var hosts = new ProbeHosts();
        var probe = new Probe();
        var client = await StartAsync(hosts, probe, side, (context, _) =>
        {
            context.Response = context.Spec!.Kind is CallKind.Unary or CallKind.ClientStream
                ? new ProbeReply("cached", 3)
                : new[] { new ProbeReply("a", 1), new ProbeReply("b", 2), new ProbeReply("c", 3) }.ToAsyncEnumerable();
            return ValueTask.CompletedTask;
        });
        foreach (var kind in Enum.GetValues<CallKind>())
        {
            Assert.Equal(3, await CallAsync(client, kind));
        }

        Assert.Equal(0, probe.Calls);
    }

    [Theory]
    [InlineData(Side.Client)]
    [InlineData(Side.Server)]
    public async Task O10_One_that_neither_calls_next_nor_answers_is_an_error_that_says_so(Side side)
    {
        await using var hosts = new ProbeHosts();
        var log = new LogRecorder();
        var client = await StartAsync(hosts, new Probe(), side, (_, _) => ValueTask.CompletedTask, log);
        foreach (var kind in Enum.GetValues<CallKind>())
        {
            var error = await Assert.ThrowsAnyAsync<Exception>(() => CallAsync(client, kind));
            var reason = side == Side.Client ? error : log.Entries.Last(entry => entry.Exception is not null).Exception!;
            Assert.IsType<InvalidOperationException>(reason);
            Assert.Contains("without calling next", reason.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(Side.Client)]
    [InlineData(Side.Server)]
    public async Task O10_One_may_replace_the_request_and_the_response(Side side)
    {
        await using var hosts = new ProbeHosts();
        var client = await StartAsync(hosts, new Probe(), side, async (context, next) =>
        {
            context.Request = context.Request switch
            {
                ProbeRequest request => request with { Number = request.Number - 2 },
                IAsyncEnumerable<ProbeItem> items => items.Take(1),
                var other => other,
            };
            await next(context);
            context.Response = context.Response switch
            {
                ProbeReply reply => reply with { Number = reply.Number + 100 },
                IAsyncEnumerable<ProbeReply> replies => replies.Concat(Enumerable.Repeat(new ProbeReply("more", 0), 100).ToAsyncEnumerable()),
                var other => other,
            };
        });
        foreach (var kind in Enum.GetValues<CallKind>())
        {
            Assert.Equal(101, await CallAsync(client, kind));
        }
    }

    [Theory]
    [InlineData(Side.Client)]
    [InlineData(Side.Server)]
    public async Task O10_A_request_or_response_of_another_type_is_an_error_that_names_both(Side side)
    {
        await using var hosts = new ProbeHosts();
        var log = new LogRecorder();
        var request = true;
        var client = await StartAsync(
            hosts,
            new Probe(),
            side,
            async (context, next) =>
            {
                if (request)
                {
                    context.Request = 5;
                }

                await next(context);
                context.Response = "text";
            },
            log);
        foreach (var kind in Enum.GetValues<CallKind>())
        {
            request = !request;
            var error = await Assert.ThrowsAnyAsync<Exception>(() => CallAsync(client, kind));
            var reason = side == Side.Client ? error : log.Entries.Last(entry => entry.Exception is not null).Exception!;
            Assert.Contains(request ? "System.Int32" : "System.String", reason.Message, StringComparison.Ordinal);
            Assert.Contains("Micro.Tests.Support.Probe", reason.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task O10_One_sees_one_call_however_many_attempts()
    {
        await using var hosts = new ProbeHosts();
        var probe = new Probe { OnCall = (_, _) => throw new CallException(CallStatusCode.Unavailable, "again") };
        await hosts.ServeAsync(probe);
        var trail = new List<string>();
        var client = await hosts.ClientAsync(
            options => options.RetryBackoff = TimeSpan.FromMilliseconds(1),
            micro => micro.AddInterceptor(_ => new Recorder("client", trail)));
        await Assert.ThrowsAsync<CallException>(() => client.RepeatAsync(new("x"), new CallContext(null, Token)));
        Assert.Equal(3, probe.Calls);
        Assert.Equal(["client in"], trail);
    }

    [Fact]
    public async Task O10_A_request_id_is_made_once_and_goes_down_and_back()
    {
        await using var hosts = new ProbeHosts();
        var seen = new List<string?>();
        await hosts.ServeAsync(Noting(seen), micro => micro.AddRequestId());
        var backend = await hosts.ClientAsync(configure: micro => micro.AddRequestId());
        await using var front = new ProbeHosts();
        await front.ServeAsync(Noting(seen, backend), micro => micro.AddRequestId());
        var client = await front.ClientAsync();
        var call = new CallContext(null, Token);
        await client.WithContextAsync(new("x"), call);
        Assert.Equal(2, seen.Count);
        Assert.Matches("^[0-9a-f]{32}$", seen[0]);
        Assert.Equal(seen[0], seen[1]);
        Assert.Equal(seen[0], call.ResponseHeaders["x-request-id"]);
        await client.WithContextAsync(new("x"), new CallContext(null, Token));
        Assert.NotEqual(seen[0], seen[2]);
    }

    [Fact]
    public async Task O10_A_request_id_of_the_caller_is_kept_unless_it_cannot_be_sent_on()
    {
        await using var hosts = new ProbeHosts();
        var seen = new List<string?>();
        var host = await hosts.ServeAsync(Noting(seen), micro => micro.AddRequestId());
        var client = await hosts.ClientAsync();
        await client.WithContextAsync(new("x"), new CallContext(new CallOptions { Headers = new CallHeaders().Add("X-Request-Id", "mine-1") }, Token));
        await ReceiveAsync("ünsendable");
        await ReceiveAsync(new string('x', 200));
        await ReceiveAsync("");
        Assert.Equal("mine-1", seen[0]);
        Assert.All(seen.Skip(1), id => Assert.Matches("^[0-9a-f]{32}$", id));
        Assert.Equal(4, seen.Count);

        async Task ReceiveAsync(string id)
        {
            var headers = new CallHeaders();
            Assert.True(headers.TryAddReceived("x-request-id", id));
            var raw = new RawCall("{\"text\":\"x\"}");
            await host.AcceptAsync(raw.To("/probe.Probe/Echo", headers: headers));
            Assert.True(raw.Outcome!.Status.IsOk, raw.Outcome.Status.ToString());
        }
    }

    [Fact]
    public async Task O10_E12_Named_headers_and_no_others_are_passed_on()
    {
        await using var hosts = new ProbeHosts();
        var seen = new List<CallHeaders>();
        await hosts.ServeAsync(new Probe
        {
            OnCall = (_, context) =>
            {
                seen.Add(context.RequestHeaders.Copy());
                return Task.FromResult(new ProbeReply("", 0));
            },
        });
        var backend = await hosts.ClientAsync(configure: micro => micro.AddHeaderPropagation("X-Tenant", "x-many", "x-tenant"));
        await using var front = new ProbeHosts();
        var host = await front.ServeAsync(new Probe
        {
            OnCall = async (request, _) =>
            {
                await backend.EchoAsync(request);
                return await backend.WithContextAsync(request, new CallContext(new CallOptions { Headers = new CallHeaders().Add("x-tenant", "own") }));
            },
        });
        var headers = new CallHeaders().Add("x-tenant", "t").Add("x-many", "1").Add("x-many", "2").Add("authorization", "secret");
        Assert.True(headers.TryAddReceived("x-many", "nö"));
        var raw = new RawCall("{\"text\":\"x\"}");
        await host.AcceptAsync(raw.To("/probe.Probe/Echo", headers: headers));
        Assert.True(raw.Outcome!.Status.IsOk, raw.Outcome.Status.ToString());
        Assert.Equal([new("x-tenant", "t"), new("x-many", "1"), new("x-many", "2")], seen[0]);
        Assert.Equal([new("x-tenant", "own"), new("x-many", "1"), new("x-many", "2")], seen[1]);
    }

    [Theory]
    [InlineData("grpc-timeout")]
    [InlineData("a b")]
    [InlineData("")]
    [InlineData("authorization")]
    [InlineData("Authorization")]
    [InlineData("proxy-authorization")]
    public void O10_TOK_5_A_name_that_can_never_be_passed_on_is_refused_at_once(string name)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings()).AddMicro("x");
        Assert.ThrowsAny<ArgumentException>(() => builder.AddHeaderPropagation("x-good", name));
    }

    [Theory]
    [InlineData(Side.Client)]
    [InlineData(Side.Server)]
    public async Task O10_A_request_that_says_it_is_not_valid_is_refused_with_every_reason(Side side)
    {
        await using var hosts = new ProbeHosts();
        var handled = 0;
        await hosts.StartAsync("checked", micro =>
        {
            micro.AddInProcess().AddService<IChecked>(new Checked { Handled = () => handled++ });
            _ = side == Side.Server ? micro.AddValidation() : micro;
        });
        var host = await hosts.StartAsync("client", micro =>
        {
            micro.AddClient<IChecked>();
            _ = side == Side.Client ? micro.AddValidation() : micro;
        });
        var client = host.Get<IChecked>();
        var error = await Assert.ThrowsAsync<CallException>(() => client.TakeAsync(new CheckedRequest(-1, ""), Token));
        Assert.Equal(CallStatusCode.InvalidArgument, error.Code);
        Assert.Contains("Count is below zero; Name is empty", error.Message, StringComparison.Ordinal);
        Assert.Equal(side == Side.Client, error.Status.NotProcessed);
        Assert.Equal(0, handled);
        await client.TakeAsync(new CheckedRequest(1, "a"), Token);
        Assert.Equal(1, handled);
    }

    [Fact]
    public async Task An_interceptor_may_make_calls_of_its_own()
    {
        await using var hosts = new ProbeHosts();
        await hosts.ServeAsync(new Probe { Name = "backend" });
        var backend = await hosts.ClientAsync();
        await using var front = new ProbeHosts();
        var client = await StartAsync(front, new Probe(), Side.Server, async (context, next) =>
        {
            Assert.Same(context, CallContext.Current);
            Assert.Equal("backend", (await backend.EchoAsync(new("first"))).Instance);
            await next(context);
        });
        Assert.Equal(3, await CallAsync(client, CallKind.Unary));
    }

    private static async Task<IProbe> StartAsync(ProbeHosts hosts, Probe probe, Side side, Func<CallContext, CallDelegate, ValueTask> invoke, LogRecorder? log = null)
    {
        await hosts.ServeAsync(probe, micro => Add(micro, Side.Server));
        return await hosts.ClientAsync(configure: micro => Add(micro, Side.Client));

        void Add(IMicroBuilder micro, Side here)
        {
            log?.Join(micro);
            if (here == side)
            {
                micro.AddInterceptor(_ => new Inline(invoke));
            }
        }
    }

    /// <summary>Makes a call of the kind whose plain outcome is 3: a number echoed or summed, or that many messages.</summary>
    private static async Task<int> CallAsync(IProbe client, CallKind kind) => kind switch
    {
        CallKind.Unary => (await client.EchoAsync(new("x", 3), Token)).Number,
        CallKind.ServerStream => await client.CountAsync(new("x", 3), Token).CountAsync(Token),
        CallKind.ClientStream => (await client.SumAsync(Items(), Token)).Number,
        _ => await client.TalkAsync(Items(), Token).CountAsync(Token),
    };

    private static async IAsyncEnumerable<ProbeItem> Items()
    {
        for (var i = 0; i < 3; i++)
        {
            await Task.Yield();
            yield return new ProbeItem("i", 1);
        }
    }

    private static Probe Noting(List<string?> seen, IProbe? next = null) => new()
    {
        OnCall = async (request, context) =>
        {
            seen.Add(context.RequestHeaders["x-request-id"]);
            return next is null ? new ProbeReply("", 0) : await next.EchoAsync(request);
        },
    };

    private sealed class Recorder(string name, List<string> trail) : ICallInterceptor
    {
        public async ValueTask InvokeAsync(CallContext context, CallDelegate next)
        {
            Note("in");
            await next(context);
            Note("out");
        }

        private void Note(string step)
        {
            lock (trail)
            {
                trail.Add($"{name} {step}");
            }
        }
    }

    private sealed class Inline(Func<CallContext, CallDelegate, ValueTask> invoke) : ICallInterceptor
    {
        public ValueTask InvokeAsync(CallContext context, CallDelegate next) => invoke(context, next);
    }
}
