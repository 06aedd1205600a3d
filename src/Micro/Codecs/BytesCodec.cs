using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Micro.Codecs;

/// <summary>Bytes as they are: carries <c>byte[]</c> and <see cref="ReadOnlyMemory{T}"/> of bytes only. What is decoded is a copy of its own.</summary>
internal sealed class BytesCodec : ICodec, IMessageCodec<byte[]>, IMessageCodec<ReadOnlyMemory<byte>>
{
    public string ContentType => ContentTypes.Bytes;

    public IMessageCodec<T>? For<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>() =>

        // Array covariance would let this pass for sbyte[] as well.
        typeof(T) == typeof(byte[]) || typeof(T) == typeof(ReadOnlyMemory<byte>) ? (IMessageCodec<T>)(object)this : null;

    public void Encode(byte[] message, IBufferWriter<byte> writer) => writer.Write(message ?? throw new CodecException("Null is not a message of type Byte[]."));

    public void Encode(ReadOnlyMemory<byte> message, IBufferWriter<byte> writer) => writer.Write(message.Span);

    byte[] IMessageCodec<byte[]>.Decode(in ReadOnlySequence<byte> payload) => payload.ToArray();

    ReadOnlyMemory<byte> IMessageCodec<ReadOnlyMemory<byte>>.Decode(in ReadOnlySequence<byte> payload) => payload.ToArray();
}
