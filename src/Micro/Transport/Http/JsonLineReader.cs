using System.Buffers;

namespace Micro.Transport.Http;

/// <summary>Reads lines of at most a number of bytes from a stream, in pooled memory that is as large as the longest line so far.</summary>
internal sealed class JsonLineReader(Stream stream, int maxLineBytes) : IDisposable
{
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
    private int _start;
    private int _count;
    private int _searched;

    /// <summary>Set when reading ended because a line was too long.</summary>
    public bool TooLong { get; private set; }

    /// <summary>The next line without its end, valid until the next call; null at the end of the stream. A last line that was not ended is dropped.</summary>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var index = _buffer.AsSpan(_start + _searched, _count - _searched).IndexOf((byte)'\n');
            if (index >= 0)
            {
                var line = _buffer.AsMemory(_start, _searched + index);
                _start += line.Length + 1;
                _count -= line.Length + 1;
                _searched = 0;
                TooLong = line.Length > maxLineBytes;
                return TooLong ? null : line;
            }

            _searched = _count;
            TooLong = _count > maxLineBytes;
            if (TooLong)
            {
                return null;
            }

            MakeRoom();
            var read = await stream.ReadAsync(_buffer.AsMemory(_start + _count), cancellationToken);
            if (read == 0)
            {
                return null;
            }

            _count += read;
        }
    }

    public void Dispose()
    {
        var buffer = _buffer;
        _buffer = [];
        (_start, _count, _searched) = (0, 0, 0);
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void MakeRoom()
    {
        if (_start + _count < _buffer.Length)
        {
            return;
        }

        var target = _start > _buffer.Length / 2 ? _buffer : ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
        _buffer.AsSpan(_start, _count).CopyTo(target);
        _start = 0;
        if (!ReferenceEquals(target, _buffer))
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = target;
        }
    }
}
