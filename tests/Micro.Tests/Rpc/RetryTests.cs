using Micro.Discovery;
using Micro.Hosting;
using Micro.Rpc;
using Micro.Tests.Support;
using Micro.Transport;
using Microsoft.Extensions.DependencyInjection;

namespace Micro.Tests.Rpc;

/// <summary>C4 and C5: which failures are tried again, where, how often and how long.</summary>
public sealed class RetryTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task LB_2_L08_A_retry_goes_to_an_instance_not_yet_tried()
    {
        await using var hosts = new ProbeHosts();
        var probes = Enumerable.Range(0, 3).Select(i => Failing($"p{i}", CallStatusCode.Unavailable)).ToArray();
        foreach (var probe in probes)
        {
            await hosts.ServeAsync(probe);
        }

        var client = await hosts.ClientAsync(options => options.MaxAttempts = 3);
        var error = await Assert.ThrowsAsync<CallException>(() => client.RepeatAsync(new("x"), new CallContext(null, Token)));
        Assert.Equal(CallStatusCode.Unavailable, error.Code);
        Assert.All(probes, probe => Assert.Equal(1, probe.Calls));
        Assert.Equal(3, error.Attempts.Select(attempt => attempt.InstanceId).Distinct().Count());
        Assert.All(error.Attempts, attempt => Assert.Contains(attempt.InstanceId, error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task K05_A_failing_instance_sees_as_many_attempts_as_the_options_say()
    {
        await using var hosts = new ProbeHosts();
        var probe = Failing("only", CallStatusCode.Unavailable);
        await hosts.ServeAsync(probe);
        var client = await hosts.ClientAsync(options =>
        {
            options.MaxAttempts = 4;
            options.RetryBackoff = TimeSpan.FromMilliseconds(1);
        });
        await Assert.ThrowsAsync<CallException>(() => client.RepeatAsync(new("x"), new CallContext(null, Token)));
        Assert.Equal(4, probe.Calls);
    }

    [Fact]
    public async Task LB_3_A_call_that_may_have_executed_is_not_sent_again_unless_it_is_idempotent()
    {
        await using var hosts = new ProbeHosts();
        var probes = new[] { Failing("a", CallStatusCode.Unavailable), Failing("b", CallStatusCode.Unavailable) };
        foreach (var probe in probes)
        {
            await hosts.ServeAsync(probe);
        }

        var client = await hosts.ClientAsync();
        var error = await Assert.ThrowsAsync<CallException>(() => client.EchoAsync(new("x"), Token));
        Assert.Equal(1, probes.Sum(probe => probe.Calls));
        Assert.False(error.Status.NotProcessed);
        Assert.Contains("may have executed", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LB_3_A_call_that_reached_nobody_is_sent_to_another_instance()
    {
        await using var hosts = new ProbeHosts();
        var live = new Probe { Name = "live" };
        await hosts.ServeAsync(live);
        for (var i = 0; i < 3; i++)
        {
            await hosts.Registry.RegisterAsync(new ServiceInstance("probe", $"dead-{i}", [new Uri($"inproc://nowhere-{i}")]), Token);
        }

        var client = await hosts.ClientAsync(options => options.MaxAttempts = 5);
        for (var i = 0; i < 50; i++)
        {
            Assert.Equal("live", (await client.EchoAsync(new("x", i), Token)).Instance);
        }

        Assert.Equal(50, live.Calls);
    }

    [Theory]
    [InlineData(CallStatusCode.InvalidArgument)]
    [InlineData(CallStatusCode.Unauthenticated)]
    [InlineData(CallStatusCode.PermissionDenied)]
    [InlineData(CallStatusCode.NotFound)]
    [InlineData(CallStatusCode.AlreadyExists)]
    [InlineData(CallStatusCode.FailedPrecondition)]
    [InlineData(CallStatusCode.DataLoss)]
    [InlineData(CallStatusCode.Internal)]
    [InlineData(CallStatusCode.Unimplemented)]
    public async Task LB_11_What_would_fail_again_is_returned_at_once(CallStatusCode code)
    {
        await using var hosts = new ProbeHosts();
        var probe = Failing("one", code);
        await hosts.ServeAsync(probe);
        var client = await hosts.ClientAsync(options => options.MaxAttempts = 5);
        var error = await Assert.ThrowsAsync<CallException>(() => client.RepeatAsync(new("x"), new CallContext(null, Token)));
        Assert.Equal(code, error.Code);
        Assert.Equal(1, probe.Calls);
    }

    [Fact]
    public async Task LB_4_Every_attempt_carries_its_number_and_the_time_that_is_left()
    {
        await using var hosts = new ProbeHosts();
        var seen = new List<(int Attempt, TimeSpan? Left)>();
        var probe = new Probe
        {
            OnCall = (_, context) =>
            {
                lock (seen)
                {
                    seen.Add((context.PreviousAttempts, context.Remaining));
                }

                throw new CallException(CallStatusCode.Unavailable, "again");
            },
        };
        await hosts.ServeAsync(probe);
        var client = await hosts.ClientAsync(options => options.RetryBackoff = TimeSpan.FromMilliseconds(20));
        await Assert.ThrowsAsync<CallException>(() => client.RepeatAsync(new("x"), new CallContext(new CallOptions { Timeout = TimeSpan.FromSeconds(30) }, Token)));
        Assert.Equal([0, 1, 2], seen.Select(one => one.Attempt));
        Assert.True(seen[0].Left > seen[1].Left && seen[1].Left > seen[2].Left, string.Join(", ", seen));
        Assert.All(seen, one => Assert.InRange(one.Left!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task LB_6_The_server_can_ask_not_to_retry()
    {
        await using var hosts = new ProbeHosts();
        var probe = new Probe
        {
            OnCall = (_, context) =>
            {
                context.RetryPushback = TimeSpan.FromMilliseconds(-1);
                throw new CallException(CallStatusCode.Unavailable, "do not come back");
            },
        };
        await hosts.ServeAsync(probe);
        var client = await hosts.ClientAsync();
        await Assert.ThrowsAsync<CallException>(() => client.RepeatAsync(new("x"), new CallContext(null, Token)));
        Assert.Equal(1, probe.Calls);
    }

    [Fact]
    public async Task K12_Cancelling_ends_the_wait_before_a_retry_and_there_is_no_further_attempt()
    {
        await using var hosts = new ProbeHosts();
        var called = new TaskCompletionSource();
        var probe = new Probe
        {
            OnCall = (_, context) =>
            {
                context.RetryPushback = TimeSpan.FromMinutes(2);
                called.TrySetResult();
                throw new CallException(CallStatusCode.Unavailable, "later");
            },
        };
        await hosts.ServeAsync(probe);
        var client = await hosts.ClientAsync();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var call = client.RepeatAsync(new("x"), new CallContext(new CallOptions { Timeout = Timeout.InfiniteTimeSpan }, stop.Token));
        await called.Task;
        await stop.CancelAsync();
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(stop.Token, error.CancellationToken);
        Assert.Equal(1, probe.Calls);
    }

    [Fact]
    public async Task LB_7_A_stream_that_was_answered_is_not_begun_again()
    {
        await using var hosts = new ProbeHosts();
        var probes = new[] { Breaking(), Breaking() };
        foreach (var probe in probes)
        {
            await hosts.ServeAsync(probe);
        }

        var client = await hosts.ClientAsync();
        var received = 0;
        var error = await Assert.ThrowsAsync<CallException>(async () =>
        {
            await foreach (var _ in client.CountAsync(new("x"), Token))
            {
                received++;
            }
        });
        Assert.Equal(CallStatusCode.Unavailable, error.Code);
        Assert.Equal(1, received);
        Assert.Equal(1, probes.Sum(probe => probe.Calls));

        static Probe Breaking() => new() { OnCount = (_, _) => OneThenFail() };

        static async IAsyncEnumerable<ProbeReply> OneThenFail()
        {
            await Task.Yield();
            yield return new ProbeReply("one", 1);
            throw new CallException(CallStatusCode.Unavailable, "broken");
        }
    }

    [Fact]
    public async Task LB_7_A_stream_of_requests_that_reached_nobody_is_replayed_elsewhere()
    {
        await using var hosts = new ProbeHosts();
        await hosts.ServeAsync(new Probe { Name = "live" });
        for (var i = 0; i < 4; i++)
        {
            await hosts.Registry.RegisterAsync(new ServiceInstance("probe", $"dead-{i}", [new Uri($"inproc://gone-{i}")]), Token);
        }

        var client = await hosts.ClientAsync(options => options.MaxAttempts = 5);
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(new ProbeReply("sum", 10, "live"), await client.SumAsync(Items(5), Token));
            Assert.Equal([0, 1, 2, 3, 4], await client.TalkAsync(Items(5), Token).Select(reply => reply.Number).ToListAsync(Token));
        }
    }

    [Fact]
    public async Task K04_An_address_bypasses_discovery()
    {
        await using var hosts = new ProbeHosts();
        await hosts.ServeAsync(new Probe { Name = "registered" });
        await using var elsewhere = new ProbeHosts();
        var other = await elsewhere.ServeAsync(new Probe { Name = "elsewhere" });
        var snapshot = await elsewhere.Registry.WatchAsync("probe", Token).FirstAsync(Token);
        var address = snapshot.Instances.Single().Addresses.Single();
        var client = await hosts.ClientAsync();
        using (CallOptions.Use(new CallOptions { Address = address }))
        {
            Assert.Equal("elsewhere", (await client.EchoAsync(new("x"), Token)).Instance);
        }

        Assert.Equal("registered", (await client.EchoAsync(new("x"), Token)).Instance);
        Assert.NotNull(other);
    }

    [Fact]
    public async Task K13_REG_An_unknown_service_is_one_code_and_names_the_service_and_the_registry()
    {
        await using var hosts = new ProbeHosts();
        var client = await hosts.ClientAsync();
        var error = await Assert.ThrowsAsync<CallException>(() => client.EchoAsync(new("x"), Token));
        Assert.Equal(CallStatusCode.Unavailable, error.Code);
        Assert.True(error.Status.NotProcessed);
        Assert.Contains("'probe'", error.Message, StringComparison.Ordinal);
        Assert.Contains(hosts.Registry.Source, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Waiting_for_an_instance_is_an_option()
    {
        await using var hosts = new ProbeHosts();
        var client = await hosts.ClientAsync(options => options.WaitForReady = true);
        var call = client.EchoAsync(new("x"), Token);
        Assert.False(call.IsCompleted);
        await hosts.ServeAsync(new Probe());
        Assert.Equal("x", (await call).Text);
    }

    [Fact]
    public async Task L06_Only_instances_of_the_version_and_with_the_metadata_are_called()
    {
        await using var hosts = new ProbeHosts();
        await ServeVersionAsync("v1", "eu");
        await ServeVersionAsync("v2", "eu");
        await ServeVersionAsync("v2", "us");
        var client = await hosts.ClientAsync(options =>
        {
            options.Version = "v2";
            options.Metadata["zone"] = "us";
        });
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal("v2-us", (await client.EchoAsync(new("x"), Token)).Instance);
        }

        async Task ServeVersionAsync(string version, string zone) => await hosts.StartAsync(
            "probe",
            micro => micro.AddInProcess().AddService<IProbe>(new Probe { Name = $"{version}-{zone}" }),
            host =>
            {
                host.Configuration["Micro:Version"] = version;
                host.Configuration["Micro:Metadata:zone"] = zone;
            });
    }

    [Fact]
    public async Task LB_1_Calls_with_the_same_key_go_to_the_same_instance()
    {
        await using var hosts = new ProbeHosts();
        for (var i = 0; i < 4; i++)
        {
            await hosts.ServeAsync(new Probe { Name = $"p{i}" });
        }

        var client = await hosts.ClientAsync();
        var used = new HashSet<string>();
        for (var key = 0; key < 30; key++)
        {
            var instances = new HashSet<string>();
            for (var i = 0; i < 5; i++)
            {
                instances.Add((await client.EchoAsync(new ProbeRequest("x") { Key = $"key-{key}" }, Token)).Instance!);
            }

            used.Add(Assert.Single(instances));
        }

        Assert.True(used.Count > 1, "Thirty keys all went to one instance.");
    }

    [Fact]
    public async Task LB_8_A_dead_instance_does_not_cost_every_call_an_attempt()
    {
        await using var hosts = new ProbeHosts();
        await hosts.ServeAsync(new Probe());
        var transport = new CountingTransport();
        await hosts.Registry.RegisterAsync(new ServiceInstance("probe", "dead", [new Uri("dead://nowhere:1")]), Token);
        var client = await hosts.ClientAsync(configure: micro => micro.Services.AddSingleton<IClientTransport>(transport));
        for (var i = 0; i < 500; i++)
        {
            await client.EchoAsync(new("x"), Token);
        }

        Assert.InRange(transport.Opened, 1, 10);
    }

    private static Probe Failing(string name, CallStatusCode code) => new()
    {
        Name = name,
        OnCall = (_, _) => throw new CallException(code, $"{name} fails"),
    };

    private static async IAsyncEnumerable<ProbeItem> Items(int count)
    {
        for (var i = 0; i < count; i++)
        {
            await Task.Yield();
            yield return new ProbeItem("i", i);
        }
    }

    /// <summary>A transport that reaches nobody and counts how often it was tried.</summary>
    private sealed class CountingTransport : IClientTransport, IClientConnection
    {
        private int _opened;

        public int Opened => _opened;

        public string Scheme => "dead";

        public IClientConnection Connect(Uri address, ConnectionTarget target) => this;

        public ValueTask<ICallStream> OpenAsync(OutgoingCall call, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _opened);
            throw new CallException(new CallStatus(CallStatusCode.Unavailable, "nobody there", notProcessed: true));
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
