using System.Buffers;
using Micro.Codecs;
using Nerdbank.MessagePack;
using PolyType;

namespace Micro.MessagePack;

/// <summary>MessagePack of one type.</summary>
internal sealed class MessagePackMessageCodec<T>(MessagePackSerializer serializer, ITypeShape<T> shape) : IMessageCodec<T>
{
    public void Encode(T message, IBufferWriter<byte> writer)
    {
        if (message is null)
        {
            throw new CodecException($"Null is not a message of type {typeof(T).Name}.");
        }

        try
        {
            serializer.Serialize(writer, message, shape);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            throw new CodecException($"A message of type {typeof(T).Name} cannot be encoded as MessagePack{Where(error)}.", error);
        }
    }

    public T Decode(in ReadOnlySequence<byte> payload)
    {
        if (payload.IsSingleSegment)
        {
            return Decode(payload.First);
        }

        var length = checked((int)payload.Length);
        var whole = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            payload.CopyTo(whole);
            return Decode(whole.AsMemory(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(whole);
        }
    }

    private T Decode(ReadOnlyMemory<byte> payload)
    {
        MessagePackStructure.Check(payload.Span);
        try
        {
            return serializer.Deserialize(payload, shape) ?? throw new CodecException($"MessagePack nil is not a message of type {typeof(T).Name}.");
        }
        catch (Exception error) when (error is not (CodecException or OutOfMemoryException))
        {
            // Beside the library's exception: constructors, setters and converters of the message type refuse values in their own ways.
            throw new CodecException($"The bytes are not MessagePack of {typeof(T).Name}{Where(error)}.", error);
        }
    }

    // The library tells the place as a chain of exceptions, one for each member on the way; what went wrong there may quote the payload.
    private static string Where(Exception error)
    {
        var text = "";
        for (var inner = error; inner is MessagePackSerializationException; inner = inner.InnerException)
        {
            if (inner.Message.StartsWith("Failed to ", StringComparison.Ordinal) && text.Length < 300)
            {
                text += $"; {inner.Message.TrimEnd('.')}";
            }
        }

        return text;
    }
}
