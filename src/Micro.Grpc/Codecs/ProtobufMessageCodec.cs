using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Micro.Codecs;

namespace Micro.Grpc.Codecs;

/// <summary>Binary protobuf of one generated class.</summary>
/// <typeparam name="T">An <see cref="IMessage"/>; checked by <see cref="ProtobufCodec"/>, because a constraint cannot be met from there.</typeparam>
internal sealed class ProtobufMessageCodec<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T> : IMessageCodec<T>
{
    private readonly bool _canLackFields = ProtobufInspection.CanLackFields(((IMessage)Activator.CreateInstance<T>()!).Descriptor);

    public void Encode(T message, IBufferWriter<byte> writer)
    {
        if (message is not IMessage value)
        {
            throw new CodecException($"Null is not a message of type {typeof(T).Name}.");
        }

        var watch = ProtobufTextWatch.Take(writer);
        try
        {
            value.WriteTo(watch);
        }
        catch (Exception error) when (error is not (CodecException or OutOfMemoryException))
        {
            throw new CodecException($"A message of type {typeof(T).Name} cannot be encoded as protobuf.", error);
        }

        if (watch.Seen && ProtobufInspection.HasLoneSurrogate(value))
        {
            throw new CodecException($"A message of type {typeof(T).Name} has text with a lone surrogate, which cannot be encoded.");
        }

        watch.Return();
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

            return !_canLackFields || ((IMessage)message).IsInitialized() ? message : throw new CodecException($"A required field of {typeof(T).Name} is missing.");
        }
        catch (Exception error) when (error is not (CodecException or OutOfMemoryException))
        {
            // The library's sentences speak of the format only, never of values.
            var reason = error is InvalidProtocolBufferException ? $": {error.Message}" : ".";
            throw new CodecException($"The bytes are not a protobuf {typeof(T).Name}{reason}", error);
        }
    }
}
