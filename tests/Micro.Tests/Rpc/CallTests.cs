using Micro.Tests.Support;

namespace Micro.Tests.Rpc;

/// <summary>The whole way of a call, both pipelines and discovery, over the in-process transport.</summary>
public sealed class CallTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Unary_calls_arrive_and_return()
    {
        await using var hosts = new ProbeHosts();
        await hosts.ServeAsync(new Probe());
        var probe = await hosts.ClientAsync();
        Assert.Equal(new ProbeReply("hello", 7, "one"), await probe.EchoAsync(new ProbeRequest("hello", 7), Token));
        await probe.PingAsync(Token);
    }

    [Fact]
    public async Task Server_streams_arrive_in_order()
    {
        await using var hosts = new ProbeHosts();
        await hosts.ServeAsync(new Probe());
        var probe = await hosts.ClientAsync();
        var numbers = await probe.CountAsync(new ProbeRequest("n", 100), Token).Select(reply => reply.Number).ToListAsync(Token);
        Assert.Equal(Enumerable.Range(0, 100), numbers);
    }

    [Fact]
    public async Task Client_streams_are_summed()
    {
        await using var hosts = new ProbeHosts();
        await hosts.ServeAsync(new Probe());
        var probe = await hosts.ClientAsync();
        Assert.Equal(4950, (await probe.SumAsync(Requests(100), Token)).Number);
    }

    [Fact]
    public async Task Duplex_streams_go_both_ways()
    {
        await using var hosts = new ProbeHosts();
        await hosts.ServeAsync(new Probe());
        var probe = await hosts.ClientAsync();
        var numbers = await probe.TalkAsync(Requests(100), Token).Select(reply => reply.Number).ToListAsync(Token);
        Assert.Equal(Enumerable.Range(0, 100), numbers);
    }

    private static async IAsyncEnumerable<ProbeItem> Requests(int count)
    {
        for (var i = 0; i < count; i++)
        {
            await Task.Yield();
            yield return new ProbeItem("r", i);
        }
    }
}
