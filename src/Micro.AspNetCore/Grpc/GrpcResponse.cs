using System.Buffers;
using global::Grpc.Core;
using Micro.Transport;

namespace Micro.AspNetCore.Grpc;

/// <summary>The bytes of one response message; one object serves all messages of a call, as they are written one at a time.</summary>
internal sealed class GrpcResponse
{
    public static readonly Marshaller<GrpcResponse> Marshaller = new(Serialize, NotRead);

    /// <summary>The payload is valid inside the deserializer only: what leaves it is a copy, disposed by the reader.</summary>
    public static readonly Marshaller<CallMessage> RequestMarshaller = new(NotWritten, static context => CallMessage.Copy(context.PayloadAsReadOnlySequence()));

    public ReadOnlyMemory<byte> Bytes { get; set; }

    private static void Serialize(GrpcResponse response, SerializationContext context)
    {
        context.SetPayloadLength(response.Bytes.Length);
        context.GetBufferWriter().Write(response.Bytes.Span);
        context.Complete();
    }

    private static GrpcResponse NotRead(DeserializationContext context) => throw new NotSupportedException();

    private static void NotWritten(CallMessage message, SerializationContext context) => throw new NotSupportedException();
}
