using System.Net;
using System.Net.Sockets;
using Micro.Transport;
using Xunit;

namespace Micro.Testing.Transport;

#pragma warning disable CS1591 // The names of the cases say what they prove.

public abstract partial class TransportConformance
{
    [Fact(Timeout = Limit)]
    public async Task TRN_5_Cancelling_reaches_the_handler_on_every_kind()
    {
        await using var rig = await StartAsync(Hanging(out var acceptor), Token);
        await using var connection = rig.Client.Connect(rig.Address, "conformance");
        foreach (var spec in AllKinds)
        {
            using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
            await using var stream = await connection.OpenAsync(Call(spec), cancel.Token);
            await SendOneAsync(stream, Message(1));
            var reading = EndOfAsync(stream, cancel.Token);
            await EventuallyAsync(() => acceptor.Running == 1, $"{spec} runs");

            await cancel.CancelAsync();

            Assert.Equal(CallStatusCode.Cancelled, await reading);
            await stream.DisposeAsync();
            await EventuallyAsync(() => acceptor.Running == 0, $"the handler of {spec} ended");
        }
    }

    [Fact(Timeout = Limit)]
    public async Task TRN_5_Cancelling_a_unary_call_reaches_the_handler()
    {
        await using var rig = await StartAsync(Hanging(out var acceptor), Token);
        await using var connection = rig.Client.Connect(rig.Address, "conformance");
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var calling = UnaryOf(connection).CallAsync(Call(ScriptedAcceptor.Unary), Message(1), cancel.Token).AsTask();
        await EventuallyAsync(() => acceptor.Running == 1, "the call runs");

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => calling);
        await EventuallyAsync(() => acceptor.Running == 0, "the handler ended");
    }

    [Fact(Timeout = Limit)]
    public async Task V26_A_client_that_goes_away_cancels_the_handler()
    {
        await using var rig = await StartAsync(Hanging(out var acceptor), Token);
        await using var connection = rig.Client.Connect(rig.Address, "conformance");
        foreach (var spec in AllKinds)
        {
            var stream = await connection.OpenAsync(Call(spec), Token);
            await stream.WriteAsync(Message(1), Token);
            if (spec.Kind is CallKind.Unary or CallKind.ServerStream)
            {
                await stream.CompleteAsync(CallEnd.Ok, Token);
            }

            await EventuallyAsync(() => acceptor.Running == 1, $"{spec} runs");
            await stream.DisposeAsync();
            await EventuallyAsync(() => acceptor.Running == 0, $"the handler of {spec} ended");
        }
    }

    [Fact(Timeout = Limit)]
    public async Task TRN_5_A_thousand_cancelled_calls_leave_nothing_behind()
    {
        await using var rig = await StartAsync(Hanging(out var acceptor), Token);
        acceptor.On(ScriptedAcceptor.ServerStream, EchoAsync);
        await using var connection = rig.Client.Connect(rig.Address, "conformance");
        var options = new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = Token };
        await Parallel.ForEachAsync(Enumerable.Range(0, 1000), options, async (i, token) =>
        {
            using var cancel = CancellationTokenSource.CreateLinkedTokenSource(token);
            var before = acceptor.Accepted;
            try
            {
                await using var stream = await connection.OpenAsync(Call(i % 2 == 0 ? ScriptedAcceptor.Unary : ScriptedAcceptor.Duplex), cancel.Token);
                await stream.WriteAsync(Message(i), cancel.Token);
                if (i % 3 != 0)
                {
                    await EventuallyAsync(() => acceptor.Accepted > before, "calls arrive");
                }

                await cancel.CancelAsync();
            }
            catch (Exception e) when (e is OperationCanceledException or CallException && cancel.IsCancellationRequested)
            {
                // Cancelled while it was being opened or written.
            }
        });

        await EventuallyAsync(() => acceptor.Running == 0, "all handlers ended");
        var reply = await CallStreamAsync(connection, Call(ScriptedAcceptor.ServerStream), Message(5));
        reply.Message?.Dispose();
        Assert.Equal(CallStatus.Ok, reply.End.Status);
    }

    [Fact(Timeout = Limit)]
    public async Task TRN_5_Disposing_the_connection_ends_open_calls_with_UNAVAILABLE()
    {
        await using var rig = await StartAsync(Hanging(out var acceptor), Token);
        var connection = rig.Client.Connect(rig.Address, "conformance");
        var streams = new List<ICallStream>();
        foreach (var spec in AllKinds)
        {
            var stream = await connection.OpenAsync(Call(spec), Token);
            await SendOneAsync(stream, Message(1));
            streams.Add(stream);
        }

        var reads = streams.Select(ReadAllAsync).ToArray();
        await EventuallyAsync(() => acceptor.Running == 4, "all four run");

        await connection.DisposeAsync();

        await Task.WhenAll(reads);
        Assert.All(streams, stream => Assert.Equal(CallStatusCode.Unavailable, stream.End!.Status.Code));
        Assert.All(streams, stream => Assert.False(stream.End!.Status.NotProcessed));
        await EventuallyAsync(() => acceptor.Running == 0, "all handlers ended");
        await Task.WhenAll(streams.Select(stream => stream.DisposeAsync().AsTask()));
        await connection.DisposeAsync();
    }

    [Fact(Timeout = Limit)]
    public async Task TRN_4_A_frozen_peer_does_not_outlive_the_deadline()
    {
        await using var rig = await StartAsync(new ScriptedAcceptor(), Token);
        using var frozen = new TcpListener(IPAddress.Loopback, 0);
        frozen.Start();
        var address = rig.SocketAddress((IPEndPoint)frozen.LocalEndpoint);
        Assert.SkipWhen(address is null, "The transport has no sockets.");
        await using var connection = rig.Client.Connect(address!, "conformance");
        foreach (var spec in AllKinds)
        {
            using var deadline = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
            var start = TimeProvider.System.GetTimestamp();
            CallStatusCode code;
            try
            {
                await using var stream = await connection.OpenAsync(Call(spec) with { Timeout = TimeSpan.FromMilliseconds(300) }, deadline.Token);
                await SendOneWithAsync(stream, deadline.Token);
                code = await EndOfAsync(stream, deadline.Token);
            }
            catch (OperationCanceledException) when (deadline.IsCancellationRequested)
            {
                code = CallStatusCode.Cancelled;
            }

            Assert.Contains(code, (CallStatusCode[])[CallStatusCode.Cancelled, CallStatusCode.DeadlineExceeded]);

            // The invariant says 50 ms; a machine that runs other tests besides may take longer to schedule the end.
            Assert.InRange(TimeProvider.System.GetElapsedTime(start), TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(2));
        }
    }

    [Fact(Timeout = Limit)]
    public async Task LB_3_A_refused_connection_is_UNAVAILABLE_and_not_processed()
    {
        await using var rig = await StartAsync(new ScriptedAcceptor(), Token);
        var closed = new TcpListener(IPAddress.Loopback, 0);
        closed.Start();
        var address = rig.SocketAddress((IPEndPoint)closed.LocalEndpoint);
        closed.Dispose();
        Assert.SkipWhen(address is null, "The transport has no sockets.");
        await using var connection = rig.Client.Connect(address!, "conformance");
        foreach (var spec in AllKinds)
        {
            await using var stream = await connection.OpenAsync(Call(spec), Token);
            await TrySendAsync(stream);
            Assert.Empty(await stream.HeadersAsync(Token));
            Assert.Empty(await ReadAllAsync(stream));
            Assert.Equal(CallStatusCode.Unavailable, stream.End!.Status.Code);
            Assert.True(stream.End.Status.NotProcessed, spec.ToString());
        }

        if (connection is IUnaryConnection unary)
        {
            var reply = await unary.CallAsync(Call(ScriptedAcceptor.Unary), Message(1), Token);
            Assert.Equal(CallStatusCode.Unavailable, reply.End.Status.Code);
            Assert.True(reply.End.Status.NotProcessed);
        }
    }

    [Fact(Timeout = Limit)]
    public async Task LB_3_A_peer_that_vanishes_after_the_request_is_UNAVAILABLE_and_may_have_executed()
    {
        await using var rig = await StartAsync(new ScriptedAcceptor(), Token);
        using var vanishing = new TcpListener(IPAddress.Loopback, 0);
        vanishing.Start();
        var address = rig.SocketAddress((IPEndPoint)vanishing.LocalEndpoint);
        Assert.SkipWhen(address is null, "The transport has no sockets.");
        var taken = 0;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var serving = TakeAndVanishAsync(vanishing, () => taken++, stop.Token);
        await using var connection = rig.Client.Connect(address!, "conformance");

        await using (var stream = await connection.OpenAsync(Call(ScriptedAcceptor.Unary), Token))
        {
            await TrySendAsync(stream);
            Assert.Empty(await ReadAllAsync(stream));
            Assert.Equal(CallStatusCode.Unavailable, stream.End!.Status.Code);
            Assert.False(stream.End.Status.NotProcessed);
        }

        Assert.Equal(1, taken);
        await stop.CancelAsync();
        await serving;
    }

    private static async Task TakeAndVanishAsync(TcpListener listener, Action taken, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (true)
            {
                using var socket = await listener.AcceptSocketAsync(cancellationToken);
                var marker = Message(1);
                var read = 0;
                for (var n = 1; n > 0 && buffer.AsSpan(0, read).IndexOf(marker) < 0; read += n)
                {
                    n = await socket.ReceiveAsync(buffer.AsMemory(read), cancellationToken);
                }

                taken();
            }
        }
        catch (OperationCanceledException)
        {
            // The case is over.
        }
    }

    private static ScriptedAcceptor Hanging(out ScriptedAcceptor acceptor)
    {
        acceptor = new ScriptedAcceptor();
        foreach (var spec in AllKinds)
        {
            acceptor.On(spec, HangAsync);
        }

        return acceptor;
    }

    private static async Task SendOneWithAsync(ICallStream stream, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(Message(1), cancellationToken);
        await stream.CompleteAsync(CallEnd.Ok, cancellationToken);
    }

    // A token that fires while reading may come out as the exception or, where the whole call's token fired first, as the outcome.
    private static async Task<CallStatusCode> EndOfAsync(ICallStream stream, CancellationToken cancellationToken)
    {
        try
        {
            while (await stream.ReadAsync(cancellationToken) is { } message)
            {
                message.Dispose();
            }

            return stream.End!.Status.Code;
        }
        catch (OperationCanceledException)
        {
            return CallStatusCode.Cancelled;
        }
    }
}
