using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Micro.Codecs;

namespace Micro.Grpc.Codecs;

/// <summary>Binary protobuf of one generated class.</summary>
/// <typeparam name="T">An <see cref="IMessage"/>; checked by <see cref="ProtobufCodec"/>, because a constraint cannot be met from there.</typeparam>
internal sealed class ProtobufMessageCodec<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T> : IMessageCodec<T>
{
    // Up to here one contiguous span is asked of the writer, which is the fastest way; above, the library asks for pieces.
    private const int ContiguousLimit = 64 * 1024;

    public void Encode(T message, IBufferWriter<byte> writer)
    {
        if (message is not IMessage value)
        {
            throw new CodecException($"A null {typeof(T).Name} is not a message.");
        }

        try
        {
            Write(value, writer);
        }
        catch (Exception error) when (error is not (CodecException or OutOfMemoryException))
        {
            throw new CodecException($"A {typeof(T).Name} cannot be encoded as protobuf.", error);
        }
    }

    public T Decode(in ReadOnlySequence<byte> payload)
    {
        var message = Activator.CreateInstance<T>()!;
        try
        {
            if (payload.IsSingleSegment)
            {
                ((IMessage)message).MergeFrom(payload.FirstSpan);
            }
            else
            {
                ((IMessage)message).MergeFrom(payload);
            }

            return ((IMessage)message).IsInitialized() ? message : throw new CodecException($"A required field of {typeof(T).Name} is missing.");
        }
        catch (Exception error) when (error is not (CodecException or OutOfMemoryException))
        {
            // The library's sentences speak of the format only, never of values.
            var reason = error is InvalidProtocolBufferException ? $": {error.Message}" : ".";
            throw new CodecException($"The bytes are not a protobuf {typeof(T).Name}{reason}", error);
        }
    }

    private static void Write(IMessage message, IBufferWriter<byte> writer)
    {
        var size = message.CalculateSize();
        if (size is > 0 and <= ContiguousLimit)
        {
            var span = writer.GetSpan(size)[..size];
            message.WriteTo(span);
            RefuseReplacedText(message, span);
            writer.Advance(size);
        }
        else if (size > 0)
        {
            var rented = ArrayPool<byte>.Shared.Rent(size);
            message.WriteTo(rented.AsSpan(0, size));
            RefuseReplacedText(message, rented.AsSpan(0, size));
            writer.Write(rented.AsSpan(0, size));
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    // The library writes U+FFFD for a lone surrogate. Where the output has that character, what it decodes to tells whether it was in the text before.
    private static void RefuseReplacedText(IMessage message, ReadOnlySpan<byte> written)
    {
        if (written.IndexOf("\uFFFD"u8) < 0)
        {
            return;
        }

        var copy = (IMessage)Activator.CreateInstance<T>()!;
        copy.MergeFrom(written);
        if (!copy.Equals(message))
        {
            throw new CodecException($"A {typeof(T).Name} has text with a lone surrogate, which cannot be encoded.");
        }
    }
}
