using System.Text;
using Micro.AspNetCore.Tests.Support;
using Micro.Grpc;
using Micro.Testing.Transport;
using Micro.Transport;
using static Micro.AspNetCore.Tests.Grpc.GrpcClientTests;

namespace Micro.AspNetCore.Tests.Grpc;

/// <summary>Peers that fall silent, and how many sockets there are.</summary>
public sealed class GrpcLivenessTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void LB_9_A_silent_peer_is_found_out_within_ten_seconds_by_default()
    {
        var options = new GrpcClientOptions();

        // The HTTP client looks at both once a second.
        var looks = TimeSpan.FromSeconds(2);
        Assert.True(options.KeepAlivePingDelay + options.KeepAlivePingTimeout + looks <= TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task LB_9_An_open_call_to_a_peer_that_fell_silent_ends_as_UNAVAILABLE()
    {
        var acceptor = new ScriptedAcceptor().On(ScriptedAcceptor.Duplex, HangAsync);
        await using var server = await TestServer.StartAsync(acceptor);
        await using var proxy = new FreezingProxy(server.Grpc);
        await using var connection = Fast().Connect(proxy.Address, new ConnectionTarget("conformance"));
        await using var stream = await connection.OpenAsync(Call with { Spec = ScriptedAcceptor.Duplex }, Token);
        await stream.WriteAsync("\"x\""u8.ToArray(), Token);
        await EventuallyAsync(() => acceptor.Running == 1);
        var start = TimeProvider.System.GetTimestamp();
        proxy.Freeze(refuseNew: false);
        Assert.Null(await stream.ReadAsync(Token).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Token));
        Assert.Equal(CallStatusCode.Unavailable, stream.End!.Status.Code);
        Assert.False(stream.End.Status.NotProcessed);

        // Ping delay and timeout are a second each here; the handler looks once a second.
        Assert.InRange(TimeProvider.System.GetElapsedTime(start), TimeSpan.FromMilliseconds(900), TimeSpan.FromSeconds(6));
    }

    [Fact]
    public async Task LB_9_A_peer_that_fell_silent_is_found_out_also_by_more_calls_than_a_socket_carries()
    {
        var acceptor = new ScriptedAcceptor().On(ScriptedAcceptor.Unary, HangAsync);
        await using var server = await TestServer.StartAsync(acceptor);
        await using var proxy = new FreezingProxy(server.Grpc);
        await using var connection = Fast().Connect(proxy.Address, new ConnectionTarget("conformance"));
        var calls = Enumerable.Range(0, 150).Select(_ => CallAsync(connection)).ToArray();
        await EventuallyAsync(() => acceptor.Running == 150);
        proxy.Freeze(refuseNew: true);
        Assert.All(
            await Task.WhenAll(calls).WaitAsync(TimeSpan.FromSeconds(15), Token),
            end => Assert.True(end.Status is { Code: CallStatusCode.Unavailable, NotProcessed: false }, end.Status.ToString()));
    }

    [Fact]
    public async Task LB_9_A_call_after_an_idle_socket_died_fails_over_as_not_processed()
    {
        var acceptor = new ScriptedAcceptor().On(ScriptedAcceptor.Unary, EchoAsync);
        await using var server = await TestServer.StartAsync(acceptor);
        await using var proxy = new FreezingProxy(server.Grpc);
        await using var connection = Fast().Connect(proxy.Address, new ConnectionTarget("conformance"));
        Assert.Equal(CallStatus.Ok, (await CallAsync(connection)).Status);
        proxy.Freeze(refuseNew: true);

        // Nothing is called meanwhile: the pings alone find out.
        CallEnd end;
        var start = TimeProvider.System.GetTimestamp();
        do
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(30));
            await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System, Token);
            end = await CallAsync(connection);
            Assert.Equal(CallStatusCode.Unavailable, end.Status.Code);
        }
        while (!end.Status.NotProcessed);
        Assert.InRange(TimeProvider.System.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task LB_9_An_idle_socket_is_pinged_and_given_up_without_any_call()
    {
        var acceptor = new ScriptedAcceptor().On(ScriptedAcceptor.Unary, EchoAsync);
        await using var server = await TestServer.StartAsync(acceptor);
        await using var proxy = new FreezingProxy(server.Grpc);
        await using var connection = Fast().Connect(proxy.Address, new ConnectionTarget("conformance"));
        Assert.Equal(CallStatus.Ok, (await CallAsync(connection)).Status);
        proxy.Freeze(refuseNew: true);
        await Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System, Token);
        Assert.True((await CallAsync(connection)).Status is { Code: CallStatusCode.Unavailable, NotProcessed: true });
    }

    [Fact]
    public async Task LB_12_Sockets_are_bounded_and_more_calls_than_streams_are_all_answered()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var acceptor = new ScriptedAcceptor().On(ScriptedAcceptor.Unary, async call =>
        {
            await gate.Task.WaitAsync(call.Aborted);
            return await EchoAsync(call);
        });
        await using var server = await TestServer.StartAsync(acceptor);
        await using var proxy = new FreezingProxy(server.Grpc);
        await using var connection = GrpcClientTests.Transport(options => options.MaxConcurrentCalls = 250).Connect(proxy.Address, new ConnectionTarget("conformance"));
        var calls = Enumerable.Range(0, 1000).Select(_ => CallAsync(connection)).ToArray();

        // 100 calls fit on a socket.
        await EventuallyAsync(() => acceptor.Running == 250);
        Assert.InRange(proxy.Most, 3, 6);
        gate.SetResult();
        Assert.All(await Task.WhenAll(calls), end => Assert.Equal(CallStatus.Ok, end.Status));
        Assert.InRange(proxy.Accepted, 1, 10);
    }

    [Fact]
    public async Task LB_12_The_sockets_of_a_disposed_connection_are_closed()
    {
        var acceptor = new ScriptedAcceptor().On(ScriptedAcceptor.Unary, EchoAsync);
        await using var server = await TestServer.StartAsync(acceptor);
        await using var proxy = new FreezingProxy(server.Grpc);
        var connection = GrpcClientTests.Transport().Connect(proxy.Address, new ConnectionTarget("conformance"));
        Assert.Equal(CallStatus.Ok, (await CallAsync(connection)).Status);
        Assert.Equal(1, proxy.Open);
        await connection.DisposeAsync();
        await EventuallyAsync(() => proxy.Open == 0);
    }

    private static GrpcClientTransport Fast() => GrpcClientTests.Transport(options =>
    {
        options.KeepAlivePingDelay = TimeSpan.FromSeconds(1);
        options.KeepAlivePingTimeout = TimeSpan.FromSeconds(1);
    });

    private static async Task<CallEnd> CallAsync(IClientConnection connection)
    {
        var reply = await Unary(connection).CallAsync(Call, Encoding.UTF8.GetBytes("\"x\""), Token);
        reply.Message?.Dispose();
        return reply.End;
    }

    private static async ValueTask<CallEnd> EchoAsync(IncomingCall call)
    {
        using var message = await call.Stream.ReadAsync(call.Aborted);
        await call.Stream.WriteAsync(message!.Memory, call.Aborted);
        return CallEnd.Ok;
    }

    private static async ValueTask<CallEnd> HangAsync(IncomingCall call)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, call.Aborted);
        return CallEnd.Ok;
    }

    private static async Task EventuallyAsync(Func<bool> condition)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(20), "Not within 20 s.");
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Token);
        }
    }
}
