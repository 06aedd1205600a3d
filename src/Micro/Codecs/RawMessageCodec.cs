using System.Buffers;

namespace Micro.Codecs;

/// <summary>Carries <see cref="RawMessage"/>.</summary>
internal sealed class RawMessageCodec : IMessageCodec<RawMessage>
{
    public static readonly RawMessageCodec Instance = new();

    public void Encode(RawMessage message, IBufferWriter<byte> writer) => writer.Write(message.Bytes.Span);

    public RawMessage Decode(in ReadOnlySequence<byte> payload) => new(payload.ToArray());
}
