using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using Micro.Transport;

namespace Micro.Grpc;

/// <summary>
/// Reads the one message of a unary response: a flag, a length, the bytes. Source: PROTOCOL-HTTP2.md, "Length-Prefixed-Message". The length is held against the limit
/// before anything of that size is allocated, also for what a compressed message becomes.
/// </summary>
internal static class GrpcFrame
{
    public const int PrefixBytes = 5;

    private const int BufferBytes = 4096;

    private static readonly CallStatus Truncated = new(CallStatusCode.Internal, "The response ended in the middle of a message.");
    private static readonly CallStatus Several = new(CallStatusCode.Internal, "The server answered with several messages where one was expected.");

    /// <summary>
    /// Reads to the end of the stream, where the trailers are. A message, or what is wrong with it; neither when there was none.
    /// </summary>
    public static async ValueTask<(CallMessage? Message, CallStatus? Wrong)> ReadAsync(
        Stream stream, string? encoding, int limit, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        CallMessage? message = null;
        try
        {
            var count = await stream.ReadAtLeastAsync(buffer, PrefixBytes, throwOnEndOfStream: false, cancellationToken);
            if (count < PrefixBytes)
            {
                return (null, count == 0 ? null : Truncated);
            }

            var flag = buffer[0];
            var length = BinaryPrimitives.ReadUInt32BigEndian(buffer.AsSpan(1));
            if (Refusal(flag, length, encoding, limit) is { } wrong)
            {
                return (null, wrong);
            }

            var first = count - PrefixBytes;
            if (first > length)
            {
                return (null, Several);
            }

            message = CallMessage.Rent((int)length, out var memory);
            buffer.AsSpan(PrefixBytes, first).CopyTo(memory.Span);
            if (first < length && await stream.ReadAtLeastAsync(memory[first..], (int)length - first, throwOnEndOfStream: false, cancellationToken) + first < length)
            {
                return (null, Truncated);
            }

            if (await stream.ReadAsync(buffer, cancellationToken) > 0)
            {
                return (null, Several);
            }

            if (flag == 1)
            {
                return Decompress(message.Memory, encoding!, limit);
            }

            (var whole, message) = (message, null);
            return (whole, null);
        }
        finally
        {
            message?.Dispose();
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static CallStatus? Refusal(byte flag, uint length, string? encoding, int limit)
    {
        if (length > limit)
        {
            return TooLarge(limit);
        }

        return flag switch
        {
            0 => null,
            1 when encoding is "gzip" or "deflate" => null,
            1 => new CallStatus(CallStatusCode.Internal, $"The response message is compressed as '{encoding ?? "identity"}'; gzip and deflate are understood."),
            _ => new CallStatus(CallStatusCode.Internal, $"The response message begins with {flag} where 0 or 1 belongs."),
        };
    }

    private static CallStatus TooLarge(int limit) =>
        new(CallStatusCode.ResourceExhausted, $"The response message is larger than the {limit} bytes taken (Micro:Grpc:MaxReceiveMessageBytes).");

    private static (CallMessage? Message, CallStatus? Wrong) Decompress(ReadOnlyMemory<byte> compressed, string encoding, int limit)
    {
        using var source = new MemoryStream(compressed.ToArray(), writable: false);
        using Stream inflated = encoding == "gzip" ? new GZipStream(source, CompressionMode.Decompress) : new ZLibStream(source, CompressionMode.Decompress);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            var total = 0;
            while (true)
            {
                var read = inflated.Read(buffer, total, buffer.Length - total);
                if (read == 0)
                {
                    return (CallMessage.Copy(buffer.AsSpan(0, total)), null);
                }

                total += read;
                if (total > limit)
                {
                    return (null, TooLarge(limit));
                }

                if (total == buffer.Length)
                {
                    var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
                    buffer.AsSpan(0, total).CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }
            }
        }
        catch (InvalidDataException)
        {
            return (null, new CallStatus(CallStatusCode.Internal, $"The response message is not compressed as its {encoding} says."));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
