using System.Buffers;
using global::Grpc.Core;
using Micro.Transport;

namespace Micro.Grpc;

/// <summary>
/// The bytes of one request message on their way into the transport. They belong to the caller: after <see cref="Release"/> nothing reads them, even when
/// the call ended while they were still to be sent.
/// </summary>
internal sealed class GrpcRequest
{
    public static readonly Marshaller<GrpcRequest> Marshaller = new(Serialize, NotRead);

    public static readonly Marshaller<CallMessage> ResponseMarshaller = new(NotWritten, static context => CallMessage.Copy(context.PayloadAsReadOnlySequence()));

    private ReadOnlyMemory<byte> _bytes;
    private bool _held;

    public void Hold(ReadOnlyMemory<byte> bytes)
    {
        lock (this)
        {
            _bytes = bytes;
            _held = true;
        }
    }

    /// <summary>Gives the memory back: a serializer that runs now is waited for, one that comes later fails.</summary>
    public void Release()
    {
        lock (this)
        {
            _bytes = default;
            _held = false;
        }
    }

    private static void Serialize(GrpcRequest request, SerializationContext context)
    {
        lock (request)
        {
            if (!request._held)
            {
                throw new OperationCanceledException("The call ended before its request was sent.");
            }

            context.SetPayloadLength(request._bytes.Length);
            context.GetBufferWriter().Write(request._bytes.Span);
            context.Complete();
        }
    }

    private static GrpcRequest NotRead(DeserializationContext context) => throw new NotSupportedException();

    private static void NotWritten(CallMessage message, SerializationContext context) => throw new NotSupportedException();
}
