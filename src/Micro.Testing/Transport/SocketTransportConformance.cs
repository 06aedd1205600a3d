using System.Net;
using System.Net.Sockets;
using Micro.Transport;
using Xunit;

#pragma warning disable CS1591 // the names of the cases say what they prove

namespace Micro.Testing.Transport;

/// <summary>
/// What a transport over sockets must do besides: peers that refuse, freeze and vanish, and clients that send what no client should. Its rig provides
/// <see cref="TransportRig.SocketAddress"/> and <see cref="TransportRig.SendHostileAsync"/>.
/// </summary>
public abstract class SocketTransportConformance : TransportConformance
{
    [Fact(Timeout = Limit)]
    public async Task TRN_4_A_frozen_peer_does_not_outlive_the_deadline()
    {
        await using var rig = await StartAsync(new ScriptedAcceptor(), Token);
        using var frozen = new TcpListener(IPAddress.Loopback, 0);
        frozen.Start();
        var address = rig.SocketAddress((IPEndPoint)frozen.LocalEndpoint);
        Assert.NotNull(address);
        await using var connection = rig.Connect(address!);
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
        Assert.NotNull(address);
        await using var connection = rig.Connect(address!);
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
        Assert.NotNull(address);
        var taken = 0;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var serving = TakeAndVanishAsync(vanishing, () => taken++, stop.Token);
        await using var connection = rig.Connect(address!);

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

    [Fact(Timeout = Limit)]
    public async Task TRN_2_A_length_that_lies_is_RESOURCE_EXHAUSTED_and_allocates_nothing()
    {
        await using var rig = await StartAsync(Echoing(out var acceptor), Token);
        var before = GC.GetTotalAllocatedBytes();

        var outcome = await rig.SendHostileAsync(HostileInput.LyingLength, Token);

        Assert.NotNull(outcome);
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

        Assert.NotNull(outcome);
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
        await using var connection = rig.Connect();
        await using var honest = await connection.OpenAsync(Call(ScriptedAcceptor.Duplex), Token);
        await ExchangeAsync(honest, 1);

        var outcome = await rig.SendHostileAsync(input, Token);

        Assert.NotNull(outcome);
        await ExchangeAsync(honest, 2);
        await honest.CompleteAsync(CallEnd.Ok, Token);
        Assert.Empty(await ReadAllAsync(honest));
        Assert.Equal(CallStatus.Ok, honest.End!.Status);
        await EventuallyAsync(() => acceptor.Running == 0, "all handlers ended");
    }
}
