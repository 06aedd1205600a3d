using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Micro.Codecs;

/// <summary>
/// JSON, RFC 8259, by System.Text.Json. Carries the types its metadata describes; where reflection is available (not under Native AOT) any other type too.
/// </summary>
/// <remarks>
/// A source-generated context keeps its own options (names, number handling, converters). A context that says nothing of them, and reflection, follow the
/// web's conventions: camelCase, names read without regard to case, numbers also read from strings. What protects the process is the same for all:
/// depth 64, no duplicate names, nothing after the value, strict UTF-8 and UTF-16.
/// </remarks>
internal sealed class JsonCodec : ICodec
{
    /// <summary>Deepest nesting read or written.</summary>
    public const int MaxDepth = 64;

    private readonly List<JsonSerializerOptions> _options = [];

    /// <param name="resolvers">Metadata of contracts, asked in order. The same object may come more than once.</param>
    public JsonCodec(IEnumerable<IJsonTypeInfoResolver> resolvers)
    {
        foreach (var resolver in resolvers.Distinct())
        {
            _options.Add(OptionsFor(resolver));
        }

        if (JsonSerializer.IsReflectionEnabledByDefault)
        {
            _options.Add(OptionsFor(Reflection()));
        }
    }

    public string ContentType => ContentTypes.Json;

    public IMessageCodec<T>? For<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>() =>
        Metadata<T>() is { } metadata ? new JsonMessageCodec<T>(metadata) : null;

    /// <summary>What is known of a type, from the first resolver that knows it.</summary>
    public JsonTypeInfo<T>? Metadata<T>()
    {
        foreach (var options in _options)
        {
            if (options.TryGetTypeInfo(typeof(T), out var found))
            {
                return (JsonTypeInfo<T>)found;
            }
        }

        return null;
    }

    private static JsonSerializerOptions OptionsFor(IJsonTypeInfoResolver resolver)
    {
        // A copy of the context's options rather than the options: the limits have to hold whatever the context says, and as long as only they
        // differ System.Text.Json still takes the generated fast path.
        var options = resolver is JsonSerializerContext context && HasOwnOptions(context)
            ? new JsonSerializerOptions(context.Options)
            : new JsonSerializerOptions(JsonSerializerDefaults.Web);
        options.TypeInfoResolver = resolver;
        options.MaxDepth = options.MaxDepth is > 0 and < MaxDepth ? options.MaxDepth : MaxDepth;
        options.AllowDuplicateProperties = false;
        options.MakeReadOnly();
        return options;
    }

    // Every generated context has options; only the attribute, or options given to its constructor, mean that someone chose them.
    private static bool HasOwnOptions(JsonSerializerContext context)
    {
        var options = context.Options;
        return Attribute.IsDefined(context.GetType(), typeof(JsonSourceGenerationOptionsAttribute))
            || options.PropertyNamingPolicy is not null
            || options.DictionaryKeyPolicy is not null
            || options.PropertyNameCaseInsensitive
            || options.NumberHandling != JsonNumberHandling.Strict
            || options.DefaultIgnoreCondition != JsonIgnoreCondition.Never
            || options.Converters.Count > 0;
    }

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Called only where the feature switch of reflection is on, which trimming turns off and removes.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Called only where the feature switch of reflection is on, which AOT turns off and removes.")]
    private static DefaultJsonTypeInfoResolver Reflection() => new();
}
