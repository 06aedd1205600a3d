using Micro.Transport;
using Xunit;

namespace Micro.Testing.Transport;

#pragma warning disable CS1591 // The names of the cases say what they prove.

public abstract partial class TransportConformance
{
    [Fact(Timeout = Limit)]
    public async Task TRN_8_The_limit_of_a_message_is_finite()
    {
        await using var rig = await StartAsync(new ScriptedAcceptor(), Token);
        Assert.InRange(rig.MaxMessageBytes, 1024, 64 * 1024 * 1024);
    }

    [Fact(Timeout = Limit)]
    public async Task V23_A_message_of_exactly_the_limit_passes()
    {
        await using var rig = await StartAsync(Echoing(out _), Token);
        await using var connection = rig.Connect();
        foreach (var spec in AllKinds)
        {
            await using var stream = await connection.OpenAsync(Call(spec), Token);
            await SendOneAsync(stream, Message(1, rig.MaxMessageBytes));
            Assert.Equal(rig.MaxMessageBytes, Assert.Single(await ReadAllAsync(stream)).Length);
            Assert.Equal(CallStatus.Ok, stream.End!.Status);
        }
    }

    [Fact(Timeout = Limit)]
    public async Task V23_A_request_above_the_limit_is_RESOURCE_EXHAUSTED_and_ends_alone()
    {
        await using var rig = await StartAsync(Echoing(out _), Token);
        await using var connection = rig.Connect();
        await using var honest = await connection.OpenAsync(Call(ScriptedAcceptor.Duplex), Token);
        await ExchangeAsync(honest, 1);
        foreach (var spec in AllKinds)
        {
            await using var stream = await connection.OpenAsync(Call(spec), Token);
            try
            {
                await SendOneAsync(stream, Message(1, rig.MaxMessageBytes + 1));
            }
            catch (CallException)
            {
                // Refused while it was being sent; the outcome is read.
            }

            Assert.Empty(await ReadAllAsync(stream));
            Assert.Equal(CallStatusCode.ResourceExhausted, stream.End!.Status.Code);
        }

        await ExchangeAsync(honest, 2);
    }

    [Fact(Timeout = Limit)]
    public async Task V23_A_response_above_the_limit_is_RESOURCE_EXHAUSTED_and_ends_alone()
    {
        var size = 0;
        var acceptor = Echoing(out _);
        foreach (var spec in new[] { ScriptedAcceptor.Unary, ScriptedAcceptor.ServerStream, ScriptedAcceptor.ClientStream })
        {
            acceptor.On(spec, async call =>
            {
                using var request = await TakeAsync(call);
                await call.Stream.WriteAsync(Message(1, size), call.Aborted);
                return CallEnd.Ok;
            });
        }

        await using var rig = await StartAsync(acceptor, Token);
        size = rig.MaxMessageBytes + 1;
        await using var connection = rig.Connect();
        await using var honest = await connection.OpenAsync(Call(ScriptedAcceptor.Duplex), Token);
        await ExchangeAsync(honest, 1);
        foreach (var spec in new[] { ScriptedAcceptor.Unary, ScriptedAcceptor.ServerStream, ScriptedAcceptor.ClientStream })
        {
            var reply = await CallStreamAsync(connection, Call(spec), Message(1));
            Assert.Equal(CallStatusCode.ResourceExhausted, reply.End.Status.Code);
            Assert.Null(reply.Message);
        }

        await ExchangeAsync(honest, 2);
    }

    private protected static async Task ExchangeAsync(ICallStream stream, int number)
    {
        await stream.WriteAsync(Message(number), Token);
        using var echo = await stream.ReadAsync(Token);
        Assert.NotNull(echo);
        Assert.Equal(number, NumberOf(echo));
    }

    private protected static ScriptedAcceptor Echoing(out ScriptedAcceptor acceptor)
    {
        acceptor = new ScriptedAcceptor();
        foreach (var spec in AllKinds)
        {
            acceptor.On(spec, EchoAsync);
        }

        return acceptor;
    }
}
