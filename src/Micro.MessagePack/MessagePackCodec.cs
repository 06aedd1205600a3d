using System.Diagnostics.CodeAnalysis;
using Micro.Codecs;
using Nerdbank.MessagePack;
using PolyType;

namespace Micro.MessagePack;

/// <summary>
/// MessagePack for types with a generated shape. Objects are maps from camelCase names (arrays where members carry <c>[Key]</c>), unknown members are skipped,
/// depth is limited to 64. No type is ever chosen by a name in the payload.
/// </summary>
internal sealed class MessagePackCodec : ICodec
{
    /// <summary>Deepest nesting read or written.</summary>
    public const int MaxDepth = 64;

    // Preallocation by announced counts is capped by the settings for untrusted data, and MessagePackStructure has compared them with the payload before.
    private readonly MessagePackSerializer _serializer = new()
    {
        PropertyNamingPolicy = MessagePackNamingPolicy.CamelCase,
        Converters = [new StrictStringConverter(), new PortableDateTimeConverter(), new UntypedConverter()],
        StartingContext = new SerializationContext { MaxDepth = MaxDepth, Security = SecuritySettings.UntrustedData },
    };

    private readonly ITypeShapeProvider[] _providers;

    /// <param name="providers">Where shapes are looked up, in order.</param>
    public MessagePackCodec(IEnumerable<ITypeShapeProvider> providers) => _providers = [.. providers];

    public string ContentType => ContentTypes.MessagePack;

    public IMessageCodec<T>? For<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>()
    {
        foreach (var provider in _providers)
        {
            if (provider.GetTypeShape(typeof(T)) is ITypeShape<T> shape)
            {
                return new MessagePackMessageCodec<T>(_serializer, shape);
            }
        }

        return null;
    }
}
