using Micro.Codecs;
using Micro.Hosting;
using PolyType;

namespace Micro.MessagePack;

/// <summary>The verb that adds MessagePack.</summary>
public static class MessagePackBuilderExtensions
{
    /// <summary>
    /// Adds MessagePack (<c>application/msgpack</c>) for the types with a generated shape. To list types, put <c>[GenerateShapeFor&lt;HelloRequest&gt;]</c>
    /// on a partial class of yours and give its <c>GeneratedTypeShapeProvider</c> here.
    /// </summary>
    /// <param name="builder">The service.</param>
    /// <param name="shapes">Where shapes are looked up, in order; at least one.</param>
    public static IMicroBuilder AddMessagePack(this IMicroBuilder builder, params IReadOnlyList<ITypeShapeProvider> shapes)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(shapes);
        return shapes.Count > 0
            ? builder.AddCodec(new MessagePackCodec(shapes))
            : throw new ArgumentException("MessagePack needs the shapes of the messages: give the GeneratedTypeShapeProvider of a class with [GenerateShapeFor].", nameof(shapes));
    }
}
