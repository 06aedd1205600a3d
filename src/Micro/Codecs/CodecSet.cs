using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization.Metadata;

namespace Micro.Codecs;

/// <summary>
/// Every codec of a process, in order of preference: finds the codec of a message by content type and says which content types a method speaks.
/// Thread-safe; asked when methods are bound, never for each call.
/// </summary>
internal sealed class CodecSet
{
    private const DynamicallyAccessedMemberTypes Message = DynamicallyAccessedMemberTypes.PublicParameterlessConstructor;

    private readonly ICodec[] _codecs;
    private readonly string[] _contentTypes;

    /// <param name="codecs">In order of registration: of those that share a content type, the first that carries a message is used.</param>
    public CodecSet(IEnumerable<ICodec> codecs)
    {
        _codecs = [.. codecs];
        _contentTypes = [.. _codecs.Select(codec => codec.ContentType).Distinct()];
    }

    /// <summary>The codecs that were added, then the built-in ones: so a codec that was added goes before the built-in one of its content type.</summary>
    /// <param name="added">Codecs of the application and of other packages.</param>
    /// <param name="json">JSON metadata of contracts.</param>
    public static CodecSet WithBuiltIn(IEnumerable<ICodec> added, IEnumerable<IJsonTypeInfoResolver> json)
    {
        var builtIn = new JsonCodec(json);
        return new CodecSet([.. added, builtIn, new TextCodec(), new BytesCodec(), new FormCodec(builtIn)]);
    }

    /// <summary>The codec of a message in a content type; null when no codec there carries it.</summary>
    /// <param name="contentType">Canonical, as <see cref="ContentTypes.TryParse"/> returns it.</param>
    public IMessageCodec<T>? Find<[DynamicallyAccessedMembers(Message)] T>(string contentType)
    {
        foreach (var codec in _codecs)
        {
            if (codec.ContentType != contentType)
            {
                continue;
            }

            if (typeof(T) == typeof(NoMessage))
            {
                return (IMessageCodec<T>)(object)(contentType == ContentTypes.Json ? NoMessageCodec.Json : NoMessageCodec.Empty);
            }

            if (typeof(T) == typeof(RawMessage))
            {
                return (IMessageCodec<T>)(object)RawMessageCodec.Instance;
            }

            if (codec.For<T>() is { } found)
            {
                return found;
            }
        }

        return null;
    }

    /// <summary>Content types that carry both messages of a method, preferred first: protobuf, JSON, then in order of registration. May be empty.</summary>
    public IReadOnlyList<string> ContentTypesFor<[DynamicallyAccessedMembers(Message)] TRequest, [DynamicallyAccessedMembers(Message)] TResponse>()
    {
        // A method without any message, or with messages encoded elsewhere, says nothing of what its contract speaks, and JSON is what every process has.
        var empty = (typeof(TRequest) == typeof(NoMessage) && typeof(TResponse) == typeof(NoMessage)) || typeof(TRequest) == typeof(RawMessage);
        return [.. _contentTypes
            .Where(contentType => Find<TRequest>(contentType) is not null && Find<TResponse>(contentType) is not null)
            .OrderBy(contentType => contentType switch
            {
                ContentTypes.Protobuf when !empty => 0,
                ContentTypes.Json => 1,
                _ => 2,
            })];
    }

    /// <summary>The content type a client uses when nothing else is asked for.</summary>
    /// <exception cref="InvalidOperationException">No content type carries both messages; the error names the types and the codecs there are.</exception>
    public string DefaultFor<[DynamicallyAccessedMembers(Message)] TRequest, [DynamicallyAccessedMembers(Message)] TResponse>()
    {
        var contentTypes = ContentTypesFor<TRequest, TResponse>();
        return contentTypes.Count > 0
            ? contentTypes[0]
            : throw new InvalidOperationException(
                $"No codec carries both {Describe<TRequest>()} and {Describe<TResponse>()}. Registered are: {string.Join(", ", _contentTypes)}. "
                + "For JSON, list the types in the JsonSerializerContext named by [MicroService(Json = ...)]; for other formats add a codec with AddCodec.");
    }

    /// <summary>What to tell a peer whose content type a method does not speak.</summary>
    /// <param name="contentType">What the peer sent; empty when it sent none.</param>
    /// <param name="accepted">What the method speaks.</param>
    public static string Refusal(string contentType, IReadOnlyList<string> accepted) =>
        (contentType.Length == 0 ? "No content type was sent" : $"The content type '{Printable(contentType)}' is not supported here")
        + $"; accepted are: {string.Join(", ", accepted)}.";

    private string Describe<[DynamicallyAccessedMembers(Message)] T>()
    {
        var carriedBy = _contentTypes.Where(contentType => Find<T>(contentType) is not null).ToArray();
        return $"{typeof(T)} ({(carriedBy.Length == 0 ? "no codec carries it" : string.Join(", ", carriedBy))})";
    }

    // The text comes from the wire and goes to logs and terminals.
    private static string Printable(string text) =>
        string.Concat(text.Take(100).Select(character => character is > ' ' and < '\x7f' ? character : '?'));
}
