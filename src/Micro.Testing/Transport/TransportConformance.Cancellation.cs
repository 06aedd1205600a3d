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
        await using var connection = rig.Connect();
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
        await using var connection = rig.Connect();
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
        await using var connection = rig.Connect();
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
        await using var connection = rig.Connect();
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
        var connection = rig.Connect();
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

    private static ScriptedAcceptor Hanging(out ScriptedAcceptor acceptor)
    {
        acceptor = new ScriptedAcceptor();
        foreach (var spec in AllKinds)
        {
            acceptor.On(spec, HangAsync);
        }

        return acceptor;
    }

    private protected static async Task SendOneWithAsync(ICallStream stream, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(Message(1), cancellationToken);
        await stream.CompleteAsync(CallEnd.Ok, cancellationToken);
    }

    // A token that fires while reading may come out as the exception or, where the whole call's token fired first, as the outcome.
    private protected static async Task<CallStatusCode> EndOfAsync(ICallStream stream, CancellationToken cancellationToken)
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
