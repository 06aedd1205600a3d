using System.Buffers;
using System.Runtime.InteropServices;
using Micro.AspNetCore.Tests.Support;
using Micro.Grpc;
using Micro.Transport;

namespace Micro.AspNetCore.Tests.Grpc;

/// <summary>What unary calls take (pooled memory, places on a connection) comes back, once, however they end.</summary>
public sealed class GrpcUnaryMemoryTests
{
    private static readonly (string, string)[] Success = [(":status", "200"), ("content-type", "application/grpc+json")];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Memory_that_is_still_being_written_is_not_handed_out_to_another_call()
    {
        const int Bytes = 5_000_000;
        using var wire = new SlowWire();
        var content = new GrpcUnaryContent(new byte[Bytes]);
        var request = new HttpRequestMessage { Content = content };
        var writing = content.CopyToAsync(wire, Token);

        // As the end of a call does it, where its response came, or its token fired, before all of the request was sent.
        request.Dispose();
        content.Dispose();
        var others = Enumerable.Range(0, 8).Select(_ => ArrayPool<byte>.Shared.Rent(Bytes)).ToArray();
        Assert.DoesNotContain(others, other => ReferenceEquals(other, wire.Held));
        Array.ForEach(others, other => ArrayPool<byte>.Shared.Return(other));
        wire.Sent.SetResult();
        await writing;
    }

    [Fact]
    public async Task TRN_5_Places_for_calls_come_back_after_every_kind_of_failure()
    {
        const int Places = 120;
        var held = new List<(RawHttp2 Connection, int Stream)>();
        var misbehaving = true;
        await using var server = new RawHttp2Server((connection, stream, token) =>
        {
            if (Volatile.Read(ref misbehaving))
            {
                return MisbehaveAsync(connection, stream, token);
            }

            lock (held)
            {
                held.Add((connection, stream));
            }

            return Task.CompletedTask;
        });
        await using var connection = GrpcClientTests.Transport(options => options.MaxConcurrentCalls = Places).Connect(server.Address, new ConnectionTarget("greeter"));
        var next = 0;
        await Task.WhenAll(Enumerable.Range(0, 40).Select(async caller =>
        {
            while (Interlocked.Increment(ref next) <= 3_000)
            {
                await FailSomehowAsync(connection, caller);
            }
        }));

        // All places at once: one that did not come back would keep the last call waiting for ever.
        Volatile.Write(ref misbehaving, false);
        var calls = Enumerable.Range(0, Places).Select(_ => CallAsync(connection, Token)).ToArray();
        await Wait.UntilAsync(() => Count(held) == Places, $"all {Places} calls are open");
        foreach (var (socket, stream) in held)
        {
            await AnswerAsync(socket, stream, Token);
        }

        Assert.All(await Task.WhenAll(calls), end => Assert.Equal(CallStatus.Ok, end.Status));
        Assert.InRange(held.Select(call => call.Connection).Distinct().Count(), 1, 4);
    }

    [Fact]
    public async Task LB_10_Disposing_a_connection_ends_the_calls_on_it()
    {
        await using var server = new RawHttp2Server((_, _, _) => Task.CompletedTask);
        var connection = GrpcClientTests.Transport().Connect(server.Address, new ConnectionTarget("greeter"));
        var call = CallAsync(connection, Token);
        await Wait.UntilAsync(() => server.Requests == 1, "the call is on the wire");
        await connection.DisposeAsync();
        var end = await call.WaitAsync(TimeSpan.FromSeconds(20), Token);
        Assert.True(end.Status is { Code: CallStatusCode.Unavailable, NotProcessed: false }, end.Status.ToString());
    }

    private static int Count<T>(List<T> list)
    {
        lock (list)
        {
            return list.Count;
        }
    }

    private static async Task FailSomehowAsync(IClientConnection connection, int caller)
    {
        using var impatient = CancellationTokenSource.CreateLinkedTokenSource(Token);
        impatient.CancelAfter(TimeSpan.FromMilliseconds(caller % 4 == 0 ? 3 : 40));
        try
        {
            await CallAsync(connection, impatient.Token);
        }
        catch (OperationCanceledException) when (!Token.IsCancellationRequested)
        {
            // The server said nothing, or was about to.
        }
    }

    private static async Task<CallEnd> CallAsync(IClientConnection connection, CancellationToken cancellationToken)
    {
        var reply = await GrpcClientTests.Unary(connection).CallAsync(GrpcClientTests.Call, "\"x\""u8.ToArray(), cancellationToken);
        reply.Message?.Dispose();
        return reply.End;
    }

    private static async Task AnswerAsync(RawHttp2 connection, int stream, CancellationToken token)
    {
        await connection.SendHeadersAsync(stream, Success, end: false, token);
        await connection.SendAsync(RawHttp2.Data, 0, stream, RawHttp2.Message("1"u8.ToArray()), token);
        await connection.SendHeadersAsync(stream, [("grpc-status", "0")], end: true, token);
    }

    private static async Task MisbehaveAsync(RawHttp2 connection, int stream, CancellationToken token)
    {
        var kind = (stream / 2) % 12;
        switch (kind)
        {
            case 0:
                await AnswerAsync(connection, stream, token);
                return;
            case 1 or 2:
                await connection.SendAsync(RawHttp2.Reset, 0, stream, new byte[] { 0, 0, 0, (byte)(kind == 1 ? 7 : 2) }, token);
                return;
            case 3:
                return;
            case 4 when stream % 7 == 0:
                throw new IOException("The server goes away.");
        }

        await connection.SendHeadersAsync(stream, [.. Success, ("grpc-encoding", "gzip")], end: false, token);
        var message = kind switch
        {
            5 => RawHttp2.Message([], uint.MaxValue),
            6 => RawHttp2.Message("1"u8.ToArray(), 100),
            7 => RawHttp2.Message("1"u8.ToArray(), flag: 1),
            8 => [1],
            _ => RawHttp2.Message("1"u8.ToArray()),
        };
        await connection.SendAsync(RawHttp2.Data, 0, stream, message, token);
        await connection.SendHeadersAsync(
            stream,
            kind switch
            {
                9 => [("grpc-status", "5"), ("grpc-status-details-bin", "%%%")],
                10 => [("grpc-status", "2"), ("grpc-message", """{"id":"a","code":500,"status":"s","detail":"\ud800"}""")],
                11 => [("grpc-status", "0"), ("grpc-status", "13"), ("x-data-bin", "%")],
                _ => [("grpc-status", "0")],
            },
            end: kind != 4,
            token);
    }

    /// <summary>Takes bytes as a socket does whose peer gives it no window: later.</summary>
    private sealed class SlowWire : MemoryStream
    {
        public TaskCompletionSource Sent { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public byte[]? Held { get; private set; }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Held = MemoryMarshal.TryGetArray(buffer, out var segment) ? segment.Array : null;
            await Sent.Task.WaitAsync(cancellationToken);
        }
    }
}
