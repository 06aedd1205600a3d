using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Micro.Transport;

namespace Micro.AspNetCore.Tests.Support;

/// <summary>HTTP/2 by hand, as far as hostile clients need it: literal HPACK without a table, frames as the test wants them.</summary>
internal sealed class RawHttp2 : IAsyncDisposable
{
    public const byte Data = 0;
    public const byte Headers = 1;
    public const byte Reset = 3;
    public const byte Settings = 4;
    public const byte Ping = 6;
    public const byte GoAway = 7;

    private static readonly byte[] Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray();

    private readonly Socket? _socket;
    private readonly Stream _stream;

    private RawHttp2(Socket? socket, Stream stream)
    {
        _socket = socket;
        _stream = stream;
    }

    public static async Task<RawHttp2> ConnectAsync(Uri address, CancellationToken cancellationToken)
    {
        var unix = MicroAddress.IsUnixSocket(address);
        var socket = unix ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) : new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(unix ? new UnixDomainSocketEndPoint(address.AbsolutePath) : new DnsEndPoint(address.Host, address.Port), cancellationToken);
        return await OpenAsync(new RawHttp2(socket, new NetworkStream(socket)), cancellationToken);
    }

    /// <summary>Over a stream of the test's, such as TLS; disposes it.</summary>
    public static Task<RawHttp2> OpenAsync(Stream stream, CancellationToken cancellationToken) => OpenAsync(new RawHttp2(null, stream), cancellationToken);

    private static async Task<RawHttp2> OpenAsync(RawHttp2 raw, CancellationToken cancellationToken)
    {
        await raw._stream.WriteAsync(Preface, cancellationToken);

        // A header table of no size: every header comes as it is.
        await raw.SendAsync(Settings, 0, 0, new byte[] { 0, 1, 0, 0, 0, 0 }, cancellationToken);
        return raw;
    }

    /// <summary>The server's side of a socket.</summary>
    public static async Task<RawHttp2> AcceptAsync(Socket socket, CancellationToken cancellationToken)
    {
        var raw = new RawHttp2(socket, new NetworkStream(socket));
        await raw._stream.ReadExactlyAsync(new byte[Preface.Length], cancellationToken);
        await raw.SendAsync(Settings, 0, 0, default, cancellationToken);
        return raw;
    }

    public static List<(string Name, string Value)> Request(string path, params (string Name, string Value)[] more) =>
    [
        (":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "localhost"),
        .. more.Any(header => header.Name == "content-type") ? Array.Empty<(string, string)>() : [("content-type", "application/grpc+json")],
        ("te", "trailers"), .. more,
    ];

    public static List<(string Name, string Value)> SecureRequest(string path, params (string Name, string Value)[] more) =>
        [.. Request(path, more).Select(header => header.Name == ":scheme" ? (":scheme", "https") : header)];

    /// <summary>A gRPC message, or one that claims to be of another length.</summary>
    public static byte[] Message(byte[] payload, uint? claimed = null, byte flag = 0)
    {
        var bytes = new byte[5 + payload.Length];
        bytes[0] = flag;
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(1), claimed ?? (uint)payload.Length);
        payload.CopyTo(bytes, 5);
        return bytes;
    }

    public async Task SendAsync(byte type, byte flags, int stream, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        var frame = new byte[9 + payload.Length];
        frame[0] = (byte)(payload.Length >> 16);
        frame[1] = (byte)(payload.Length >> 8);
        frame[2] = (byte)payload.Length;
        frame[3] = type;
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame.AsMemory(9));
        await _stream.WriteAsync(frame, cancellationToken);
    }

    /// <summary>Header frames of at most 16 KB, the first and its continuations.</summary>
    public async Task SendHeadersAsync(int stream, IEnumerable<(string Name, string Value)> headers, bool end, CancellationToken cancellationToken)
    {
        var block = new List<byte>();
        foreach (var (name, value) in headers)
        {
            block.Add(0);
            AddText(block, name);
            AddText(block, value);
        }

        var bytes = block.ToArray();
        const int Most = 16 * 1024;
        for (var at = 0; at < bytes.Length; at += Most)
        {
            var last = at + Most >= bytes.Length;
            var flags = (byte)((last ? 4 : 0) | (at == 0 && end ? 1 : 0));
            await SendAsync(at == 0 ? Headers : (byte)9, flags, stream, bytes.AsMemory(at, Math.Min(Most, bytes.Length - at)), cancellationToken);
        }
    }

    public void CloseSending() => _socket!.Shutdown(SocketShutdown.Send);

    /// <summary>The next frame; null at the end of the socket.</summary>
    public async Task<(byte Type, byte Flags, int Stream, byte[] Payload)?> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var head = new byte[9];
            await _stream.ReadExactlyAsync(head, cancellationToken);
            var payload = new byte[(head[0] << 16) | (head[1] << 8) | head[2]];
            await _stream.ReadExactlyAsync(payload, cancellationToken);
            if (head[3] == Settings && (head[4] & 1) == 0)
            {
                await SendAsync(Settings, 1, 0, default, cancellationToken);
            }

            if (head[3] == Ping && (head[4] & 1) == 0)
            {
                await SendAsync(Ping, 1, 0, payload, cancellationToken);
            }

            return (head[3], head[4], BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5)) & int.MaxValue, payload);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>
    /// Reads until the stream or the socket ends, or the server breaks the connection off, and returns the status that was told. Kestrel writes headers that are not in HPACK's static table as literals,
    /// without Huffman codes, so that the name and the value can be found as they are.
    /// </summary>
    public async Task<(CallStatusCode? Code, string Text)> OutcomeAsync(int stream, CancellationToken cancellationToken)
    {
        CallStatusCode? code = null;
        var text = new StringBuilder();
        while (await ReadAsync(cancellationToken) is { } frame)
        {
            if (frame.Stream == stream && frame.Type == Headers)
            {
                var block = Encoding.Latin1.GetString(frame.Payload);
                text.Append(block);
                var at = block.IndexOf("grpc-status", StringComparison.Ordinal);
                while (at >= 0 && code is null)
                {
                    var value = at + "grpc-status".Length;
                    if (value < block.Length && block[value] is (char)1 or (char)2)
                    {
                        code = (CallStatusCode)int.Parse(block.AsSpan(value + 1, block[value]), System.Globalization.CultureInfo.InvariantCulture);
                    }

                    at = block.IndexOf("grpc-status", at + 1, StringComparison.Ordinal);
                }
            }

            if ((frame.Stream == stream && (frame.Type == Reset || (frame.Type is Data or Headers && (frame.Flags & 1) != 0))) || (frame.Type == GoAway && BinaryPrimitives.ReadInt32BigEndian(frame.Payload.AsSpan(4)) != 0))
            {
                break;
            }
        }

        return (code, text.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _socket?.Dispose();
    }

    private static void AddText(List<byte> block, string text)
    {
        var bytes = Encoding.Latin1.GetBytes(text);
        if (bytes.Length < 127)
        {
            block.Add((byte)bytes.Length);
        }
        else
        {
            block.Add(127);
            for (var rest = bytes.Length - 127; ; rest >>= 7)
            {
                if (rest < 128)
                {
                    block.Add((byte)rest);
                    break;
                }

                block.Add((byte)((rest & 127) | 128));
            }
        }

        block.AddRange(bytes);
    }
}
