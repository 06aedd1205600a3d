using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Micro.Codecs;
using Micro.Internal;
using Micro.Transport;

namespace Micro.Rpc;

/// <summary>The codecs of one method for one content type.</summary>
internal sealed class MessageCodecs<TRequest, TResponse>(string contentType, IMessageCodec<TRequest> request, IMessageCodec<TResponse> response)
{
    public string ContentType { get; } = contentType;

    public IMessageCodec<TRequest> Request { get; } = request;

    public IMessageCodec<TResponse> Response { get; } = response;

    public static TMessage Decode<TMessage>(IMessageCodec<TMessage> codec, CallMessage message)
    {
        using (message)
        {
            return codec.Decode(new ReadOnlySequence<byte>(message.Memory));
        }
    }
}

/// <summary>Finds <see cref="MessageCodecs{TRequest,TResponse}"/>.</summary>
internal static class MessageCodecs
{
    public static MessageCodecs<TRequest, TResponse>? Find<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TRequest,
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TResponse>(CodecSet codecs, string contentType) =>
        codecs.Find<TRequest>(contentType) is { } request && codecs.Find<TResponse>(contentType) is { } response
            ? new(contentType, request, response)
            : null;

    /// <summary>Encodes a request.</summary>
    /// <exception cref="CallException">INVALID_ARGUMENT, not processed: the message cannot be encoded.</exception>
    public static void Encode<TRequest>(CallSpec spec, IMessageCodec<TRequest> codec, TRequest request, PooledBufferWriter payload)
    {
        try
        {
            codec.Encode(request, payload);
        }
        catch (CodecException e)
        {
            throw new CallException(
                new CallStatus(CallStatusCode.InvalidArgument, $"The request of {spec} cannot be encoded: {e.Message}", notProcessed: true), e);
        }
    }
}
