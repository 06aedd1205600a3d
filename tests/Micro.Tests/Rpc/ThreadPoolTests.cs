using System.Diagnostics;
using Micro.Tests.Support;
using Microsoft.Extensions.Hosting;

namespace Micro.Tests.Rpc;

/// <summary>Waiting takes no thread.</summary>
[Collection(AloneCollection.Name)]
public sealed class ThreadPoolTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TRN_12_With_two_threads_and_a_thousand_slow_calls_a_quick_one_answers_within_a_second()
    {
        ThreadPool.GetMinThreads(out var workers, out var ports);
        ThreadPool.SetMinThreads(2, 2);
        try
        {
            await using var hosts = new ProbeHosts();
            var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var host = await hosts.ServeAsync(new Probe
            {
                OnCall = async (request, context) =>
                {
                    await (request.Text == "slow" ? gate.Task.WaitAsync(context.CancellationToken) : Task.CompletedTask);
                    return new ProbeReply(request.Text, request.Number);
                },
            });
            var client = await hosts.ClientAsync(options => options.Timeout = TimeSpan.FromMinutes(1));
            var slow = Enumerable.Range(0, 1000).Select(i => client.EchoAsync(new("slow", i), Token)).ToArray();
            await Wait.UntilAsync(() => host.ActiveCalls() == 1000, "all slow calls run");
            var started = Stopwatch.GetTimestamp();
            Assert.Equal("quick", (await client.EchoAsync(new("quick"), Token)).Text);
            Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(1));
            Assert.DoesNotContain(slow, call => call.IsCompleted);
            gate.SetResult();
            Assert.Equal(Enumerable.Range(0, 1000), (await Task.WhenAll(slow)).Select(reply => reply.Number));
        }
        finally
        {
            ThreadPool.SetMinThreads(workers, ports);
        }
    }
}
