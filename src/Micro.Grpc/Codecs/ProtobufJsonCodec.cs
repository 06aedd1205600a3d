using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Micro.Codecs;

namespace Micro.Grpc.Codecs;

/// <summary>
/// The JSON mapping of Protocol Buffers for generated classes: lowerCamelCase names, 64-bit integers as text, defaults left out, unknown fields refused.
/// Source: protobuf.dev, "ProtoJSON format".
/// </summary>
internal sealed class ProtobufJsonCodec : ICodec
{
    public string ContentType => ContentTypes.Json;

    public IMessageCodec<T>? For<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>() =>
        ProtobufCodec.Carries(typeof(T)) ? new ProtobufJsonMessageCodec<T>(((IMessage)Activator.CreateInstance<T>()!).Descriptor) : null;
}
