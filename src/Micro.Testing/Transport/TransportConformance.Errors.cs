using Micro.Transport;
using Xunit;

namespace Micro.Testing.Transport;

#pragma warning disable CS1591 // The names of the cases say what they prove.

public abstract partial class TransportConformance
{
    [Fact(Timeout = Limit)]
    public async Task E01_Code_message_and_details_survive_for_every_code_before_the_first_message()
    {
        var status = CallStatus.Ok;
        var acceptor = new ScriptedAcceptor();
        Array.ForEach(AllKinds, spec => acceptor.On(spec, async call =>
        {
            using var request = await TakeAsync(call);
            return new CallEnd(status);
        }));
        await using var rig = await StartAsync(acceptor, Token);
        await using var connection = rig.Connect();
        foreach (var code in Enum.GetValues<CallStatusCode>().Skip(1))
        {
            status = new CallStatus(code, $"It was {code}.", [new("type.googleapis.com/a.B", new byte[] { 1, 0, 255 }), new("type.googleapis.com/c.D", default)]);
            foreach (var spec in AllKinds)
            {
                var reply = await CallStreamAsync(connection, Call(spec), Message(1));
                Assert.Equal(status, reply.End.Status);
                Assert.Null(reply.Message);
            }
        }

        Assert.Equal(16 * 4, acceptor.Accepted);
    }

    [Fact(Timeout = Limit)]
    public async Task V25_An_error_after_messages_comes_after_them_with_code_message_and_details()
    {
        var status = CallStatus.Ok;
        var acceptor = new ScriptedAcceptor().On(ScriptedAcceptor.ServerStream, Script).On(ScriptedAcceptor.Duplex, Script);
        await using var rig = await StartAsync(acceptor, Token);
        await using var connection = rig.Connect();
        foreach (var code in Enum.GetValues<CallStatusCode>().Skip(1))
        {
            status = new CallStatus(code, $"It was {code}.", [new("type.googleapis.com/a.B", new byte[] { 1, 0, 255 })]);
            foreach (var spec in new[] { ScriptedAcceptor.ServerStream, ScriptedAcceptor.Duplex })
            {
                await using var stream = await connection.OpenAsync(Call(spec), Token);
                await SendOneAsync(stream, Message(1));
                Assert.Equal(2, (await ReadAllAsync(stream)).Count);
                Assert.Equal(status, stream.End!.Status);
            }
        }

        async ValueTask<CallEnd> Script(IncomingCall call)
        {
            using var request = await TakeAsync(call);
            await call.Stream.WriteAsync(request.Memory, call.Aborted);
            await call.Stream.WriteAsync(request.Memory, call.Aborted);
            return new CallEnd(status);
        }
    }

    [Fact(Timeout = Limit)]
    public async Task E07_Quotes_line_breaks_and_unicode_in_messages_survive()
    {
        var text = "";
        var acceptor = new ScriptedAcceptor();
        Array.ForEach(AllKinds, spec => acceptor.On(spec, async call =>
        {
            using var request = await TakeAsync(call);
            throw new CallException(CallStatusCode.DataLoss, text);
        }));
        await using var rig = await StartAsync(acceptor, Token);
        await using var connection = rig.Connect();
        foreach (var sample in new[] { "\"quoted\" \\ {\"$status\":1}", "two\nlines\r\nand a tab\t.", "100 % Ünïcödé, 漢字, 🚀", "data: x\n\nevent: y", new string('é', 2000), "" })
        {
            text = sample;
            foreach (var spec in AllKinds)
            {
                var reply = await CallStreamAsync(connection, Call(spec), Message(1));
                Assert.Equal(new CallStatus(CallStatusCode.DataLoss, sample), reply.End.Status);
            }
        }
    }

    [Fact(Timeout = Limit)]
    public async Task LB_3_Not_processed_and_push_back_survive()
    {
        var acceptor = new ScriptedAcceptor();
        Array.ForEach(AllKinds, spec => acceptor.On(spec, async call =>
        {
            using var request = await TakeAsync(call);
            return NumberOf(request) == 1
                ? new CallEnd(new CallStatus(CallStatusCode.ResourceExhausted, "Later.", notProcessed: true)) { RetryPushback = TimeSpan.FromMilliseconds(1250) }
                : new CallEnd(new CallStatus(CallStatusCode.Unavailable, "Perhaps."));
        }));
        await using var rig = await StartAsync(acceptor, Token);
        await using var connection = rig.Connect();
        foreach (var spec in AllKinds)
        {
            var refused = await CallStreamAsync(connection, Call(spec), Message(1));
            Assert.True(refused.End.Status.NotProcessed, spec.ToString());
            Assert.Equal(TimeSpan.FromMilliseconds(1250), refused.End.RetryPushback);

            var perhaps = await CallStreamAsync(connection, Call(spec), Message(2));
            Assert.Equal(CallStatusCode.Unavailable, perhaps.End.Status.Code);
            Assert.False(perhaps.End.Status.NotProcessed, spec.ToString());
            Assert.Null(perhaps.End.RetryPushback);
        }
    }

    [Fact(Timeout = Limit)]
    public async Task TRN_11_An_unknown_method_is_UNIMPLEMENTED_and_named()
    {
        await using var rig = await StartAsync(new ScriptedAcceptor(), Token);
        await using var connection = rig.Connect();
        foreach (var kind in Enum.GetValues<CallKind>())
        {
            var spec = new CallSpec("conformance", ScriptedAcceptor.Unary.Contract, "Missing", kind);
            var reply = await CallStreamAsync(connection, Call(spec), Message(1));
            Assert.Equal(CallStatusCode.Unimplemented, reply.End.Status.Code);
            Assert.Contains("/conformance.Probe/Missing", reply.End.Status.Message, StringComparison.Ordinal);
        }
    }

    [Fact(Timeout = Limit)]
    public async Task V17_A_failure_while_answering_is_an_error_not_a_hang()
    {
        var acceptor = new ScriptedAcceptor();
        Array.ForEach(AllKinds, spec => acceptor.On(spec, async call =>
        {
            using var request = await TakeAsync(call);
            await call.Stream.WriteAsync(request.Memory, call.Aborted);
            throw new InvalidOperationException("secret");
        }));
        await using var rig = await StartAsync(acceptor, Token);
        await using var connection = rig.Connect();
        foreach (var spec in AllKinds)
        {
            await using var stream = await connection.OpenAsync(Call(spec), Token);
            await SendOneAsync(stream, Message(1));
            await ReadAllAsync(stream);
            Assert.Equal(CallStatusCode.Internal, stream.End!.Status.Code);
        }
    }

    [Fact(Timeout = Limit)]
    public async Task TRN_13_A_broken_acceptor_tells_the_peer_nothing()
    {
        var acceptor = new ScriptedAcceptor { Broken = new InvalidOperationException("Server=db;Password=secret") };
        await using var rig = await StartAsync(acceptor, Token);
        await using var connection = rig.Connect();
        foreach (var spec in AllKinds)
        {
            var reply = await CallStreamAsync(connection, Call(spec), Message(1));
            Assert.Contains(reply.End.Status.Code, (CallStatusCode[])[CallStatusCode.Internal, CallStatusCode.Unknown]);
            Assert.DoesNotContain("secret", reply.End.Status.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(" at ", reply.End.Status.Message, StringComparison.Ordinal);
        }
    }

    [Fact(Timeout = Limit)]
    public async Task V18_Stopping_refuses_new_calls_and_lets_running_ones_end()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var acceptor = new ScriptedAcceptor().On(ScriptedAcceptor.Unary, async call =>
        {
            using var request = await TakeAsync(call);
            await gate.Task.WaitAsync(call.Aborted);
            await call.Stream.WriteAsync(request.Memory, call.Aborted);
            return CallEnd.Ok;
        });
        await using var rig = await StartAsync(acceptor, Token);
        await using var connection = rig.Connect();
        var running = CallStreamAsync(connection, Call(ScriptedAcceptor.Unary), Message(1));
        await EventuallyAsync(() => acceptor.Running == 1, "the call runs");

        var stopping = rig.StopAsync().AsTask();
        CallStatus refusal;
        do
        {
            // A socket that the listener had accepted already may be reset, which proves nothing; the next one is refused.
            await using var fresh = rig.Connect();
            using var given = CancellationTokenSource.CreateLinkedTokenSource(Token);
            await using var stream = await fresh.OpenAsync(Call(ScriptedAcceptor.Unary), given.Token);
            await TrySendAsync(stream);
            await ReadAllAsync(stream);
            refusal = stream.End!.Status;
            Assert.Equal(CallStatusCode.Unavailable, refusal.Code);
        }
        while (!refusal.NotProcessed);

        Assert.False(running.IsCompleted);
        gate.SetResult();
        var reply = await running;
        reply.Message?.Dispose();
        Assert.Equal(CallStatus.Ok, reply.End.Status);
        await stopping;
    }

    [Fact(Timeout = Limit)]
    public async Task V19_Stopping_and_disposing_twice_does_nothing_more()
    {
        await using var rig = await StartAsync(new ScriptedAcceptor(), Token);
        await rig.StopAsync();
        await rig.StopAsync();
        await rig.DisposeAsync();
        await rig.DisposeAsync();
    }

    private protected static async Task TrySendAsync(ICallStream stream)
    {
        try
        {
            await SendOneAsync(stream, Message(1));
        }
        catch (CallException)
        {
            // Already over; the outcome is read.
        }
    }
}
