using System.Buffers;
using System.Buffers.Binary;
using System.Net;

namespace Micro.Grpc;

/// <summary>
/// The one message of a unary request with its length before it, in pooled memory, so that it leaves in one write. HTTP may ask for it again (the peer refused the
/// stream) and may still be writing it when the call is over, so the memory goes back when the last of both has ended.
/// </summary>
internal sealed class GrpcUnaryContent : HttpContent
{
    private readonly byte[] _buffer;
    private readonly int _length;

    // One for the call, one for each write under way. Zero is final.
    private int _users = 1;
    private int _disposed;

    public GrpcUnaryContent(ReadOnlySpan<byte> message)
    {
        _length = GrpcFrame.PrefixBytes + message.Length;
        _buffer = ArrayPool<byte>.Shared.Rent(_length);
        _buffer[0] = 0;
        BinaryPrimitives.WriteUInt32BigEndian(_buffer.AsSpan(1), (uint)message.Length);
        message.CopyTo(_buffer.AsSpan(GrpcFrame.PrefixBytes));
    }

    /// <summary>The call is over. Comes twice: from who made this, and from the request it was put on.</summary>
    protected override void Dispose(bool disposing)
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            Leave();
        }

        base.Dispose(disposing);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (!TryEnter())
        {
            return Task.FromException(new OperationCanceledException("The call ended before its request was sent."));
        }

        var writing = stream.WriteAsync(_buffer.AsMemory(0, _length), cancellationToken);
        if (writing.IsCompletedSuccessfully)
        {
            Leave();
            return Task.CompletedTask;
        }

        return WaitAsync(writing);
    }

    /// <summary>gRPC does without a length in the headers.</summary>
    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    private async Task WaitAsync(ValueTask writing)
    {
        try
        {
            await writing;
        }
        finally
        {
            Leave();
        }
    }

    private bool TryEnter()
    {
        for (var users = Volatile.Read(ref _users); users > 0; users = Volatile.Read(ref _users))
        {
            if (Interlocked.CompareExchange(ref _users, users + 1, users) == users)
            {
                return true;
            }
        }

        return false;
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }
    }
}
