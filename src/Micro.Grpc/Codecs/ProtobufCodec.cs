using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Micro.Codecs;

namespace Micro.Grpc.Codecs;

/// <summary>
/// Protocol Buffers in binary, for the classes protoc generates. Unknown fields are kept and sent on; text must be valid UTF-8 both ways; nesting is limited to 100.
/// </summary>
internal sealed class ProtobufCodec : ICodec
{
    public string ContentType => ContentTypes.Protobuf;

    public IMessageCodec<T>? For<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>() =>
        Carries(typeof(T)) ? new ProtobufMessageCodec<T>() : null;

    internal static bool Carries(Type type) => typeof(IMessage).IsAssignableFrom(type) && type is { IsClass: true, IsAbstract: false };
}
