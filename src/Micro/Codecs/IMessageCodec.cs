using System.Buffers;

namespace Micro.Codecs;

/// <summary>Encodes and decodes messages of one type. Thread-safe.</summary>
/// <typeparam name="T">The message type.</typeparam>
public interface IMessageCodec<T>
{
    /// <summary>Appends the encoded message. After an exception the writer may hold a part of it, to be thrown away with the rest.</summary>
    /// <exception cref="CodecException">The value cannot be encoded, e.g. text with a lone surrogate.</exception>
    void Encode(T message, IBufferWriter<byte> writer);

    /// <summary>
    /// Decodes a whole payload; nothing of it may be left over, and nothing of it may be kept. Whatever the bytes, the result is a value or a
    /// <see cref="CodecException"/>, within memory proportional to the input.
    /// </summary>
    /// <exception cref="CodecException">The bytes are not such a message.</exception>
    T Decode(in ReadOnlySequence<byte> payload);
}
