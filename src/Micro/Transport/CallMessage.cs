using System.Buffers;

namespace Micro.Transport;

/// <summary>
/// One encoded message in pooled memory. Whoever reads it from a stream owns it and disposes it exactly once; the memory is invalid after.
/// Not thread-safe.
/// </summary>
public sealed class CallMessage : IDisposable
{
    // One spare object a thread: enough to make steady traffic allocation free, and capped by construction.
    [ThreadStatic]
    private static CallMessage? t_spare;

    private byte[]? _buffer;
    private int _length;

    private CallMessage()
    {
    }

    /// <summary>The encoded bytes.</summary>
    /// <exception cref="ObjectDisposedException">The message was disposed.</exception>
    public ReadOnlyMemory<byte> Memory => new(_buffer ?? throw new ObjectDisposedException(nameof(CallMessage)), 0, _length);

    /// <summary>Copies bytes into pooled memory.</summary>
    public static CallMessage Copy(in ReadOnlySequence<byte> bytes)
    {
        var message = Rent(checked((int)bytes.Length));
        bytes.CopyTo(message._buffer);
        return message;
    }

    /// <summary>Copies bytes into pooled memory.</summary>
    public static CallMessage Copy(ReadOnlySpan<byte> bytes)
    {
        var message = Rent(bytes.Length);
        bytes.CopyTo(message._buffer);
        return message;
    }

    /// <summary>Pooled memory of exactly <paramref name="length"/> bytes with unspecified content, to be filled through <paramref name="memory"/>.</summary>
    public static CallMessage Rent(int length, out Memory<byte> memory)
    {
        var message = Rent(length);
        memory = message._buffer.AsMemory(0, length);
        return message;
    }

    /// <summary>Returns the memory to the pool. A second call does nothing.</summary>
    public void Dispose()
    {
        var buffer = _buffer;
        if (buffer is null)
        {
            return;
        }

        _buffer = null;
        _length = 0;
        ArrayPool<byte>.Shared.Return(buffer);
        t_spare = this;
    }

    private static CallMessage Rent(int length)
    {
        var message = t_spare ?? new CallMessage();
        t_spare = null;
        message._buffer = ArrayPool<byte>.Shared.Rent(Math.Max(16, length));
        message._length = length;
        return message;
    }
}
