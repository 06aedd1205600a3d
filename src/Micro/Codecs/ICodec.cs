using System.Diagnostics.CodeAnalysis;

namespace Micro.Codecs;

/// <summary>
/// One way to turn messages into bytes, known by its content type. Thread-safe; made once, by dependency injection. Several codecs may share a
/// content type: the first that can carry a type is used.
/// </summary>
public interface ICodec
{
    /// <summary>Content type without parameters, lower case, e.g. <c>application/json</c>.</summary>
    string ContentType { get; }

    /// <summary>The codec of one message type, fetched once for each method. Null when it cannot carry the type.</summary>
    IMessageCodec<T>? For<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>();
}
