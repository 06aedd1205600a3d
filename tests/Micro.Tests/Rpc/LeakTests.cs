using System.Runtime.CompilerServices;
using Micro.LoadBalancing;
using Micro.Rpc;
using Micro.Tests.Support;
using Micro.Transport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Micro.Tests.Rpc;

/// <summary>Many calls leave nothing behind.</summary>
[Collection(AloneCollection.Name)]
public sealed class LeakTests
{
    private const int Calls = 10_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TRN_5_After_many_calls_of_every_kind_handlers_counters_and_memory_are_what_they_were()
    {
        await using var hosts = new ProbeHosts();
        var transport = new TransportProbe();
        var host = await hosts.ServeAsync(new Probe { OnCount = (request, token) => Endless(request.Number, token) });
        var client = await hosts.ClientAsync(configure: micro => micro.Services.AddSingleton<IClientTransport>(transport));
        await CallAsync(client, Calls / 10);
        var before = await SettleAsync(host);
        await CallAsync(client, Calls);
        var after = await SettleAsync(host);
        Assert.InRange(after - before, long.MinValue, 512 * 1024);
        Assert.Single(transport.Connections);
        Assert.False(transport.Connections.Single().IsDisposed);
    }

    [Fact]
    public async Task TRN_5_After_many_cancelled_calls_handlers_and_memory_are_what_they_were()
    {
        await using var hosts = new ProbeHosts();
        var host = await hosts.ServeAsync(new Probe
        {
            OnCall = async (_, context) =>
            {
                await Task.Delay(Timeout.Infinite, context.CancellationToken);
                return new ProbeReply("never", 0);
            },
            OnCount = (_, token) => Endless(0, token),
        });
        var client = await hosts.ClientAsync();
        await CancelAsync(Calls / 10);
        var before = await SettleAsync(host);
        await CancelAsync(Calls);
        var after = await SettleAsync(host);
        Assert.InRange(after - before, long.MinValue, 512 * 1024);

        async Task CancelAsync(int count) => await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 64, CancellationToken = Token }, async (i, _) =>
        {
            using var stop = new CancellationTokenSource();
            var call = (i % 3) switch
            {
                0 => client.EchoAsync(new("x"), stop.Token),
                1 => client.SumAsync(Never(stop.Token), stop.Token),
                _ => (Task)client.TalkAsync(Never(stop.Token), stop.Token).ToListAsync(stop.Token).AsTask(),
            };
            await Task.Yield();
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        });
    }

    [Fact]
    public async Task LB_7_What_streams_keep_for_a_retry_is_given_back()
    {
        await using var hosts = new ProbeHosts();
        await hosts.ServeAsync(new Probe());
        var host = await hosts.StartAsync("client", micro => Micro.Hosting.RpcBuilderExtensions.AddClient<IProbe>(micro));
        var client = host.Get<IProbe>();
        var channel = host.Get<ClientChannels>().For("probe");
        for (var i = 0; i < 50; i++)
        {
            await client.SumAsync(Items(20), Token);
            await foreach (var _ in client.TalkAsync(Items(20), Token))
            {
                break;
            }
        }

        Assert.Equal(0, channel.KeptBytes);
        Assert.True(channel.TryKeep(16 * 1024 * 1024));
        Assert.False(channel.TryKeep(1));

        // Nothing can be kept any more; calls go on all the same, committed to their instance.
        Assert.Equal(20, (await client.SumAsync(Items(20), Token)).Number);
        channel.GiveBack(16 * 1024 * 1024);
        Assert.Equal(0, channel.KeptBytes);
    }

    private static async Task CallAsync(IProbe client, int count) => await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = Token }, async (i, token) =>
    {
        switch (i % 5)
        {
            case 0:
                await client.EchoAsync(new("x", i), token);
                break;
            case 1:
                Assert.Equal(3, await client.CountAsync(new("x", 3), token).CountAsync(token));
                break;
            case 2:
                Assert.Equal(3, (await client.SumAsync(Items(3), token)).Number);
                break;
            case 3:
                Assert.Equal(3, await client.TalkAsync(Items(3), token).CountAsync(token));
                break;
            default:
                // Given up by the caller after the first message.
                await foreach (var _ in client.CountAsync(new("x", int.MaxValue), token))
                {
                    break;
                }

                break;
        }
    });

    private static async Task<long> SettleAsync(IHost host)
    {
        await Wait.UntilAsync(() => host.ActiveCalls() == 0, "no handler runs");
        for (var i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private static async IAsyncEnumerable<ProbeItem> Items(int count)
    {
        for (var i = 0; i < count; i++)
        {
            await Task.Yield();
            yield return new ProbeItem("i", 1);
        }
    }

    private static async IAsyncEnumerable<ProbeItem> Never([EnumeratorCancellation] CancellationToken token)
    {
        yield return new ProbeItem("one", 1);
        await Task.Delay(Timeout.Infinite, token);
    }

    private static async IAsyncEnumerable<ProbeReply> Endless(int count, [EnumeratorCancellation] CancellationToken token)
    {
        for (var i = 0; i < count; i++)
        {
            await Task.Yield();
            token.ThrowIfCancellationRequested();
            yield return new ProbeReply("n", i);
        }
    }
}
