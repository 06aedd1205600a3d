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
        await using var connection = rig.Client.Connect(rig.Address, "conformance");
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
        await using var connection = rig.Client.Connect(rig.Address, "conformance");
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
        await using var connection = rig.Client.Connect(rig.Address, "conformance");
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

    [Fact(Timeout = Limit)]
    public async Task TRN_2_A_length_that_lies_is_RESOURCE_EXHAUSTED_and_allocates_nothing()
    {
        await using var rig = await StartAsync(Echoing(out var acceptor), Token);
        var before = GC.GetTotalAllocatedBytes();

        var outcome = await rig.SendHostileAsync(HostileInput.LyingLength, Token);

        Assert.SkipWhen(outcome is null, "The transport has no lengths on the wire.");
        Assert.Equal(CallStatusCode.ResourceExhausted, outcome!.Code);

        // The claim is 2 GB at least; other cases that run meanwhile allocate some.
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 1024L * 1024 * 1024);
        await EventuallyAsync(() => acceptor.Running == 0, "the handler ended");
    }

    [Fact(Timeout = Limit)]
    public async Task TRN_2_A_truncated_message_is_an_error_and_not_a_hang()
    {
        var messages = 0;
        CallEnd? end = null;
        var acceptor = new ScriptedAcceptor().On(ScriptedAcceptor.Unary, async call =>
        {
            using var message = await call.Stream.ReadAsync(call.Aborted);
            messages += message is null ? 0 : 1;
            end = call.Stream.End;
            return end ?? CallEnd.Ok;
        });
        await using var rig = await StartAsync(acceptor, Token);

        var outcome = await rig.SendHostileAsync(HostileInput.TruncatedMessage, Token);

        Assert.SkipWhen(outcome is null, "The transport has no lengths on the wire.");
        Assert.NotEqual(CallStatusCode.Ok, outcome!.Code);
        await EventuallyAsync(() => acceptor.Running == 0, "the handler ended");
        Assert.Equal(0, messages);
        Assert.NotEqual(CallStatusCode.Ok, end?.Status.Code);
    }

    [Fact(Timeout = Limit)]
    public Task TRN_6_A_malformed_deadline_ends_that_call_only() => EndsAloneAsync(HostileInput.MalformedTimeout);

    [Fact(Timeout = Limit)]
    public Task TRN_6_A_malformed_binary_header_ends_that_call_only() => EndsAloneAsync(HostileInput.MalformedBinaryHeader);

    [Fact(Timeout = Limit)]
    public Task TRN_6_An_unknown_encoding_ends_that_call_only() => EndsAloneAsync(HostileInput.UnknownEncoding);

    [Fact(Timeout = Limit)]
    public Task TRN_6_A_header_of_a_megabyte_ends_that_call_only() => EndsAloneAsync(HostileInput.HugeHeader);

    private async Task EndsAloneAsync(HostileInput input)
    {
        await using var rig = await StartAsync(Echoing(out var acceptor), Token);
        await using var connection = rig.Client.Connect(rig.Address, "conformance");
        await using var honest = await connection.OpenAsync(Call(ScriptedAcceptor.Duplex), Token);
        await ExchangeAsync(honest, 1);

        var outcome = await rig.SendHostileAsync(input, Token);

        Assert.SkipWhen(outcome is null, "The transport has no such input.");
        await ExchangeAsync(honest, 2);
        await honest.CompleteAsync(CallEnd.Ok, Token);
        Assert.Empty(await ReadAllAsync(honest));
        Assert.Equal(CallStatus.Ok, honest.End!.Status);
        await EventuallyAsync(() => acceptor.Running == 0, "all handlers ended");
    }

    private static async Task ExchangeAsync(ICallStream stream, int number)
    {
        await stream.WriteAsync(Message(number), Token);
        using var echo = await stream.ReadAsync(Token);
        Assert.NotNull(echo);
        Assert.Equal(number, NumberOf(echo));
    }

    private static ScriptedAcceptor Echoing(out ScriptedAcceptor acceptor)
    {
        acceptor = new ScriptedAcceptor();
        foreach (var spec in AllKinds)
        {
            acceptor.On(spec, EchoAsync);
        }

        return acceptor;
    }
}
