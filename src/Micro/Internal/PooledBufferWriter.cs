using System.Buffers;

namespace Micro.Internal;

/// <summary>
/// A growing buffer on pooled memory for encoding one message. Rented and disposed within one call; each thread keeps one spare object, and memory
/// above 64 KiB goes back to the shared pool so that one large message does not stay with a thread.
/// </summary>
internal sealed class PooledBufferWriter : IBufferWriter<byte>, IDisposable
{
    private const int KeptBytes = 64 * 1024;

    [ThreadStatic]
    private static PooledBufferWriter? t_spare;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(256);
    private int _written;
    private bool _rented;

    private PooledBufferWriter()
    {
    }

    public ReadOnlyMemory<byte> WrittenMemory => _buffer.AsMemory(0, _written);

    public int WrittenCount => _written;

    public static PooledBufferWriter Rent()
    {
        var writer = t_spare ?? new PooledBufferWriter();
        t_spare = null;
        writer._rented = true;
        return writer;
    }

    public void Clear() => _written = 0;

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (count > _buffer.Length - _written)
        {
            throw new InvalidOperationException("More was written than there was room for.");
        }

        _written += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        EnsureRoom(sizeHint);
        return _buffer.AsMemory(_written);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        EnsureRoom(sizeHint);
        return _buffer.AsSpan(_written);
    }

    public void Dispose()
    {
        if (!_rented)
        {
            return;
        }

        _rented = false;
        _written = 0;
        if (t_spare is null && _buffer.Length <= KeptBytes)
        {
            t_spare = this;
            return;
        }

        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private void EnsureRoom(int sizeHint)
    {
        var needed = checked(_written + Math.Max(1, sizeHint));
        if (needed <= _buffer.Length)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, (int)Math.Min(Array.MaxLength, _buffer.Length * 2L)));
        _buffer.AsSpan(0, _written).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
