using System.Buffers.Text;
using System.Text;
using Micro.Codecs;
using Micro.Transport;
using Xunit;

namespace Micro.Testing.Transport;

/// <summary>
/// What every transport must do, tried at the seam: a fake acceptor on one side, connections and streams on the other. Derive a test class from it
/// and provide <see cref="StartAsync"/>. A case that a transport cannot have (no sockets, no unary capability) counts as skipped.
/// </summary>
public abstract partial class TransportConformance
{
    private protected const int Limit = 120_000;

    /// <summary>Starts both halves with the limits they have by default.</summary>
    protected abstract ValueTask<TransportRig> StartAsync(ICallAcceptor acceptor, CancellationToken cancellationToken);

    /// <summary>Content type of the messages: JSON by default. The messages are JSON texts, valid under any codec's framing.</summary>
    protected virtual string ContentType => ContentTypes.Json;

    /// <summary>Token of the running case.</summary>
    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A message that knows its number, as a JSON text of about the size given.</summary>
    protected static byte[] Message(int number, int size = 16)
    {
        var bytes = new byte[Math.Max(size, 12)];
        bytes.AsSpan().Fill((byte)'x');
        bytes[0] = bytes[^1] = (byte)'"';
        Utf8Formatter.TryFormat(number, bytes.AsSpan(1, 9), out _, new('D', 9));
        return bytes;
    }

    /// <summary>The number of a message; fails when the message is not one of <see cref="Message"/>.</summary>
    protected static int NumberOf(CallMessage message)
    {
        var text = message.Memory.Span.Trim((byte)' ');
        Assert.True(text.Length >= 12 && text[0] == '"' && text[^1] == '"', $"Not a probe message: {Encoding.UTF8.GetString(text[..Math.Min(40, text.Length)])}");
        Assert.True(Utf8Parser.TryParse(text[1..10], out int number, out var used) && used == 9);
        return number;
    }

    /// <summary>A call with the content type of the suite.</summary>
    protected OutgoingCall Call(CallSpec spec, CallHeaders? headers = null) => new(spec, ContentType, headers, null) { WantsHeaders = true };

    /// <summary>Sends one message and half-closes.</summary>
    protected static async Task SendOneAsync(ICallStream stream, ReadOnlyMemory<byte> message)
    {
        await stream.WriteAsync(message, Token);
        await stream.CompleteAsync(CallEnd.Ok, Token);
    }

    /// <summary>Reads to the end and returns the messages.</summary>
    protected static async Task<List<byte[]>> ReadAllAsync(ICallStream stream)
    {
        var messages = new List<byte[]>();
        while (await stream.ReadAsync(Token) is { } message)
        {
            using (message)
            {
                messages.Add(message.Memory.ToArray());
            }
        }

        Assert.NotNull(stream.End);
        return messages;
    }

    /// <summary>One message each way, in the form of a stream.</summary>
    protected static async Task<UnaryReply> CallStreamAsync(IClientConnection connection, OutgoingCall call, ReadOnlyMemory<byte> request)
    {
        await using var stream = await connection.OpenAsync(call, Token);
        try
        {
            await SendOneAsync(stream, request);
        }
        catch (CallException)
        {
            // The server may have refused before it took the message: the outcome is read below like any other.
        }

        var headers = await stream.HeadersAsync(Token);
        var message = await stream.ReadAsync(Token);
        if (message is not null)
        {
            Assert.Null(await stream.ReadAsync(Token));
        }

        Assert.NotNull(stream.End);
        return new(stream.End, message, headers);
    }

    /// <summary>Waits until a condition holds.</summary>
    protected static async Task EventuallyAsync(Func<bool> condition, string what)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(30), $"Not within 30 s: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Token);
        }
    }

    /// <summary>Waits until a counter stands still for half a second, or reached a number.</summary>
    protected static async Task<long> SettledAsync(Func<long> counter, long most)
    {
        for (var last = -1L; ;)
        {
            var now = counter();
            if (now == last || now >= most)
            {
                return now;
            }

            last = now;
            await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, Token);
        }
    }

    /// <summary>For scripts: the one message of the request, or the outcome that came in its place.</summary>
    protected static async ValueTask<CallMessage> TakeAsync(IncomingCall call) =>
        await call.Stream.ReadAsync(call.Aborted) ?? throw Failed(call.Stream.End);

    /// <summary>A script that answers a message with itself, for each message.</summary>
    protected static async ValueTask<CallEnd> EchoAsync(IncomingCall call)
    {
        while (await call.Stream.ReadAsync(call.Aborted) is { } message)
        {
            using (message)
            {
                await call.Stream.WriteAsync(message.Memory, call.Aborted);
            }
        }

        return call.Stream.End is { Status.IsOk: false } failed ? failed : CallEnd.Ok;
    }

    /// <summary>A script that waits for the caller to go away.</summary>
    protected static async ValueTask<CallEnd> HangAsync(IncomingCall call)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, call.Aborted);
        return CallEnd.Ok;
    }

    private static CallException Failed(CallEnd? end) =>
        new(end is { Status.IsOk: false } ? end.Status : new CallStatus(CallStatusCode.InvalidArgument, "The call came without a message."));

    private static IUnaryConnection UnaryOf(IClientConnection connection)
    {
        Assert.SkipUnless(connection is IUnaryConnection, "The transport has no unary capability.");
        return (IUnaryConnection)connection;
    }
}
