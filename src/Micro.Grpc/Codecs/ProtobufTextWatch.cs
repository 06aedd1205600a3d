using System.Buffers;

namespace Micro.Grpc.Codecs;

/// <summary>
/// Passes bytes on and notices the replacement character U+FFFD, which the library writes in place of a lone surrogate. One for each thread, so that
/// encoding allocates nothing; one in use is not in its slot.
/// </summary>
internal sealed class ProtobufTextWatch : IBufferWriter<byte>
{
    [ThreadStatic]
    private static ProtobufTextWatch? t_spare;

    private IBufferWriter<byte>? _inner;
    private Memory<byte> _current;
    private bool _cut;

    /// <summary>True when the character may have been written. Not certain: it may have been in the text, or in bytes that are no text.</summary>
    public bool Seen { get; private set; }

    public static ProtobufTextWatch Take(IBufferWriter<byte> inner)
    {
        var watch = t_spare ?? new ProtobufTextWatch();
        t_spare = null;
        watch._inner = inner;
        watch._cut = false;
        watch.Seen = false;
        return watch;
    }

    public void Return()
    {
        // An idle one must not keep a caller's buffer alive.
        _inner = null;
        _current = default;
        t_spare = this;
    }

    public void Advance(int count)
    {
        var written = _current.Span[..count];
        Seen |= _cut || written.IndexOf("\uFFFD"u8) >= 0;

        // The character may lie across two pieces; then its first byte ends this one.
        _cut = written is [.., 0xef] or [.., 0xef, 0xbf];
        _inner!.Advance(count);
    }

    public Memory<byte> GetMemory(int sizeHint = 0) => _current = _inner!.GetMemory(sizeHint);

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
}
