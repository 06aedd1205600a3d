using Micro.Codecs;
using Micro.Transport;
using Xunit;

namespace Micro.Testing.Transport;

#pragma warning disable CS1591 // The names of the cases say what they prove.

public abstract partial class TransportConformance
{
    [Fact(Timeout = Limit)]
    public async Task TRN_3_Unary_is_one_message_each_way()
    {
        var acceptor = new ScriptedAcceptor().On(ScriptedAcceptor.Unary, EchoAsync);
        await using var rig = await StartAsync(acceptor, Token);
        await using var connection = rig.Connect();

        var reply = await CallStreamAsync(connection, Call(ScriptedAcceptor.Unary), Message(7));

        Assert.Equal(CallStatus.Ok, reply.End.Status);
        using var message = reply.Message;
        Assert.Equal(7, NumberOf(message!));
    }

    [Fact(Timeout = Limit)]
    public async Task TRN_3_A_server_stream_keeps_its_order_and_ends_with_the_outcome()
    {
        var acceptor = new ScriptedAcceptor().On(ScriptedAcceptor.ServerStream, async call =>
        {
            using var request = await TakeAsync(call);
            for (var i = 0; i < NumberOf(request); i++)
            {
                await call.Stream.WriteAsync(Message(i, i % 300), call.Aborted);
            }

            return new CallEnd(CallStatus.Ok, new CallHeaders().Add("x-count", "500"));
        });
        await using var rig = await StartAsync(acceptor, Token);
        await using var connection = rig.Connect();
        await using var stream = await connection.OpenAsync(Call(ScriptedAcceptor.ServerStream), Token);
        await SendOneAsync(stream, Message(500));

        for (var i = 0; i < 500; i++)
        {
            using var message = await stream.ReadAsync(Token);
            Assert.Equal(i, NumberOf(message!));
            Assert.Null(stream.End);
        }

        Assert.Null(await stream.ReadAsync(Token));
        Assert.Equal(CallStatus.Ok, stream.End!.Status);
        Assert.Equal("500", stream.End.Trailers?["x-count"]);
    }

    [Fact(Timeout = Limit)]
    public async Task TRN_3_A_client_stream_keeps_its_order_and_is_answered_after_the_half_close()
    {
        var acceptor = new ScriptedAcceptor().On(ScriptedAcceptor.ClientStream, async call =>
        {
            var count = 0;
            while (await call.Stream.ReadAsync(call.Aborted) is { } message)
            {
                using (message)
                {
                    Assert.Equal(count++, NumberOf(message));
                }
            }

            Assert.Equal(CallStatus.Ok, call.Stream.End!.Status);
            await call.Stream.WriteAsync(Message(count), call.Aborted);
            return CallEnd.Ok;
        });
        await using var rig = await StartAsync(acceptor, Token);
        await using var connection = rig.Connect();
        await using var stream = await connection.OpenAsync(Call(ScriptedAcceptor.ClientStream), Token);
        for (var i = 0; i < 500; i++)
        {
            await stream.WriteAsync(Message(i, i % 300), Token);
        }

        await stream.CompleteAsync(CallEnd.Ok, Token);

        using var answer = await stream.ReadAsync(Token);
        Assert.Equal(500, NumberOf(answer!));
        Assert.Null(await stream.ReadAsync(Token));
        Assert.Equal(CallStatus.Ok, stream.End!.Status);
    }

    [Fact(Timeout = Limit)]
    public async Task TRN_3_Duplex_messages_go_to_and_fro_before_either_side_ends()
    {
        var acceptor = new ScriptedAcceptor().On(ScriptedAcceptor.Duplex, EchoAsync);
        await using var rig = await StartAsync(acceptor, Token);
        await using var connection = rig.Connect();
        await using var stream = await connection.OpenAsync(Call(ScriptedAcceptor.Duplex), Token);
        for (var i = 0; i < 100; i++)
        {
            await stream.WriteAsync(Message(i), Token);
            using var echo = await stream.ReadAsync(Token);
            Assert.Equal(i, NumberOf(echo!));
        }

        await stream.CompleteAsync(CallEnd.Ok, Token);
        Assert.Null(await stream.ReadAsync(Token));
        Assert.Equal(CallStatus.Ok, stream.End!.Status);
    }

    [Fact(Timeout = Limit)]
    public async Task TRN_3_Duplex_goes_on_after_the_client_half_closed()
    {
        var acceptor = new ScriptedAcceptor().On(ScriptedAcceptor.Duplex, async call =>
        {
            Assert.Null(await call.Stream.ReadAsync(call.Aborted));
            for (var i = 0; i < 50; i++)
            {
                await call.Stream.WriteAsync(Message(i), call.Aborted);
            }

            return CallEnd.Ok;
        });
        await using var rig = await StartAsync(acceptor, Token);
        await using var connection = rig.Connect();
        await using var stream = await connection.OpenAsync(Call(ScriptedAcceptor.Duplex), Token);
        await stream.CompleteAsync(CallEnd.Ok, Token);

        Assert.Equal(50, (await ReadAllAsync(stream)).Count);
        Assert.Equal(CallStatus.Ok, stream.End!.Status);
    }

    [Fact(Timeout = Limit)]
    public async Task TRN_3_Duplex_may_be_ended_by_the_server_while_the_client_is_still_sending()
    {
        var acceptor = new ScriptedAcceptor().On(ScriptedAcceptor.Duplex, async call =>
        {
            using var first = await TakeAsync(call);
            await call.Stream.WriteAsync(first.Memory, call.Aborted);
            return new CallEnd(new CallStatus(CallStatusCode.FailedPrecondition, "Enough."));
        });
        await using var rig = await StartAsync(acceptor, Token);
        await using var connection = rig.Connect();
        await using var stream = await connection.OpenAsync(Call(ScriptedAcceptor.Duplex), Token);
        await stream.WriteAsync(Message(0), Token);

        Assert.Single(await ReadAllAsync(stream));
        Assert.Equal(new CallStatus(CallStatusCode.FailedPrecondition, "Enough."), stream.End!.Status);

        // A write after the end is refused with the outcome; transports that notice late may take a few first.
        var refused = await Assert.ThrowsAsync<CallException>(async () =>
        {
            for (var i = 1; i < 10_000; i++)
            {
                await stream.WriteAsync(Message(i), Token);
            }
        });
        Assert.Equal(CallStatusCode.FailedPrecondition, refused.Code);
    }

    [Fact(Timeout = Limit)]
    public async Task TRN_3_The_outcome_reaches_a_client_that_went_on_writing()
    {
        var acceptor = new ScriptedAcceptor().On(ScriptedAcceptor.ClientStream, async call =>
        {
            using var first = await TakeAsync(call);
            return new CallEnd(new CallStatus(CallStatusCode.OutOfRange, "Too many."));
        });
        await using var rig = await StartAsync(acceptor, Token);
        await using var connection = rig.Connect();
        var untaken = 0;
        for (var round = 0; round < 10 + untaken && untaken < 5; round++)
        {
            await using var stream = await connection.OpenAsync(Call(ScriptedAcceptor.ClientStream), Token);
            try
            {
                // Far more than fits into the buffers of sockets, and nobody reads it.
                for (var i = 0; i < 300; i++)
                {
                    await stream.WriteAsync(Message(i, 64 * 1024), Token);
                }

                await stream.CompleteAsync(CallEnd.Ok, Token);
            }
            catch (CallException)
            {
                // A writer may see the stream break before the outcome is there; a reader may not.
            }

            Assert.Empty(await ReadAllAsync(stream));
            if (stream.End!.Status.NotProcessed)
            {
                // What was still on its way to an earlier stream can make an HTTP/2 server close the socket. That proves it took nothing of this one.
                untaken++;
                continue;
            }

            Assert.Equal(new CallStatus(CallStatusCode.OutOfRange, "Too many."), stream.End.Status);
        }

        Assert.InRange(untaken, 0, 4);
    }

    [Fact(Timeout = Limit)]
    public async Task V16_Many_streams_at_once_keep_their_order()
    {
        var acceptor = new ScriptedAcceptor().On(ScriptedAcceptor.Duplex, EchoAsync);
        await using var rig = await StartAsync(acceptor, Token);
        await using var connection = rig.Connect();

        await Task.WhenAll(Enumerable.Range(0, 20).Select(async s =>
        {
            await using var stream = await connection.OpenAsync(Call(ScriptedAcceptor.Duplex), Token);
            var writing = Task.Run(async () =>
            {
                for (var i = 0; i < 200; i++)
                {
                    await stream.WriteAsync(Message((s * 1000) + i, i), Token);
                }

                await stream.CompleteAsync(CallEnd.Ok, Token);
            });
            for (var i = 0; i < 200; i++)
            {
                using var message = await stream.ReadAsync(Token);
                Assert.Equal((s * 1000) + i, NumberOf(message!));
            }

            Assert.Null(await stream.ReadAsync(Token));
            Assert.Equal(CallStatus.Ok, stream.End!.Status);
            await writing;
        }));
    }

    [Fact(Timeout = Limit)]
    public async Task TRN_3_An_empty_message_is_a_message()
    {
        var acceptor = new ScriptedAcceptor()
            .On(ScriptedAcceptor.Unary, EchoAsync).On(ScriptedAcceptor.ServerStream, EchoAsync)
            .On(ScriptedAcceptor.ClientStream, EchoOnceAsync).On(ScriptedAcceptor.Duplex, EchoAsync);
        await using var rig = await StartAsync(acceptor, Token);
        await using var connection = rig.Connect();
        foreach (var spec in new[] { ScriptedAcceptor.Unary, ScriptedAcceptor.ServerStream, ScriptedAcceptor.ClientStream, ScriptedAcceptor.Duplex })
        {
            // JSON has no empty message; protobuf has.
            await using var stream = await connection.OpenAsync(Call(spec) with { ContentType = ContentTypes.Protobuf }, Token);
            await SendOneAsync(stream, default);
            Assert.Empty(Assert.Single(await ReadAllAsync(stream)));
            Assert.Equal(CallStatus.Ok, stream.End!.Status);
        }
    }

    [Fact(Timeout = Limit)]
    public async Task TRN_3_A_megabyte_arrives_whole()
    {
        var acceptor = new ScriptedAcceptor()
            .On(ScriptedAcceptor.Unary, EchoAsync).On(ScriptedAcceptor.ServerStream, EchoAsync)
            .On(ScriptedAcceptor.ClientStream, EchoOnceAsync).On(ScriptedAcceptor.Duplex, EchoAsync);
        await using var rig = await StartAsync(acceptor, Token);
        await using var connection = rig.Connect();
        var big = Message(3, 1024 * 1024);
        foreach (var spec in new[] { ScriptedAcceptor.Unary, ScriptedAcceptor.ServerStream, ScriptedAcceptor.ClientStream, ScriptedAcceptor.Duplex })
        {
            await using var stream = await connection.OpenAsync(Call(spec), Token);
            await SendOneAsync(stream, big);
            var answer = Assert.Single(await ReadAllAsync(stream));
            Assert.True(big.AsSpan().SequenceEqual(answer), spec.ToString());
        }
    }

    [Fact(Timeout = Limit)]
    public async Task LB_12_A_thousand_calls_at_once_are_all_answered()
    {
        var acceptor = new ScriptedAcceptor().On(ScriptedAcceptor.Unary, EchoAsync);
        await using var rig = await StartAsync(acceptor, Token);
        await using var connection = rig.Connect();

        await Task.WhenAll(Enumerable.Range(0, 1000).Select(async i =>
        {
            var reply = await CallStreamAsync(connection, Call(ScriptedAcceptor.Unary), Message(i));
            Assert.Equal(CallStatus.Ok, reply.End.Status);
            using var message = reply.Message;
            Assert.Equal(i, NumberOf(message!));
        }));
        Assert.Equal(1000, acceptor.Accepted);
    }

    [Fact(Timeout = Limit)]
    public async Task TRN_3_A_client_that_stops_reading_bounds_what_the_server_can_push()
    {
        var pushed = 0L;
        var acceptor = new ScriptedAcceptor().On(ScriptedAcceptor.ServerStream, async call =>
        {
            using var request = await TakeAsync(call);
            for (var i = 0; i < NumberOf(request); i++)
            {
                await call.Stream.WriteAsync(Message(i, 64 * 1024), call.Aborted);
                Interlocked.Increment(ref pushed);
            }

            return CallEnd.Ok;
        });
        await using var rig = await StartAsync(acceptor, Token);
        await using var connection = rig.Connect();
        await using var stream = await connection.OpenAsync(Call(ScriptedAcceptor.ServerStream), Token);
        await SendOneAsync(stream, Message(1500));
        using (var first = await stream.ReadAsync(Token))
        {
            Assert.Equal(0, NumberOf(first!));
        }

        var settled = await SettledAsync(() => Interlocked.Read(ref pushed), 1500);
        Assert.True(settled * 64 * 1024 <= rig.MaxBytesUnderWay, $"{settled} messages of 64 KiB were taken while nobody read.");

        Assert.Equal(1499, (await ReadAllAsync(stream)).Count);
        Assert.Equal(1500, pushed);
    }

    [Fact(Timeout = Limit)]
    public async Task TRN_3_A_server_that_stops_reading_bounds_what_the_client_can_push()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var acceptor = new ScriptedAcceptor().On(ScriptedAcceptor.ClientStream, async call =>
        {
            await gate.Task.WaitAsync(call.Aborted);
            var count = 0;
            while (await call.Stream.ReadAsync(call.Aborted) is { } message)
            {
                using (message)
                {
                    Assert.Equal(count++, NumberOf(message));
                }
            }

            await call.Stream.WriteAsync(Message(count), call.Aborted);
            return CallEnd.Ok;
        });
        await using var rig = await StartAsync(acceptor, Token);
        await using var connection = rig.Connect();
        await using var stream = await connection.OpenAsync(Call(ScriptedAcceptor.ClientStream), Token);
        var pushed = 0L;
        var writing = Task.Run(async () =>
        {
            for (var i = 0; i < 1500; i++)
            {
                await stream.WriteAsync(Message(i, 64 * 1024), Token);
                Interlocked.Increment(ref pushed);
            }

            await stream.CompleteAsync(CallEnd.Ok, Token);
        });

        var settled = await SettledAsync(() => Interlocked.Read(ref pushed), 1500);
        Assert.True(settled * 64 * 1024 <= rig.MaxBytesUnderWay, $"{settled} messages of 64 KiB were taken while nobody read.");

        gate.SetResult();
        using var answer = await stream.ReadAsync(Token);
        Assert.Equal(1500, NumberOf(answer!));
        await writing;
    }

    private static async ValueTask<CallEnd> EchoOnceAsync(IncomingCall call)
    {
        using var message = await TakeAsync(call);
        var rest = await call.Stream.ReadAsync(call.Aborted);
        Assert.Null(rest);
        await call.Stream.WriteAsync(message.Memory, call.Aborted);
        return CallEnd.Ok;
    }
}
