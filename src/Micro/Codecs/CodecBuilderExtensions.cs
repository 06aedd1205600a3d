using System.Text.Json.Serialization.Metadata;
using Micro.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Micro.Codecs;

/// <summary>Verbs that add codecs.</summary>
public static class CodecBuilderExtensions
{
    /// <summary>
    /// Adds a codec. JSON, text, bytes and forms are there without it. An added codec goes before the built-in one of the same content type;
    /// among those added the first that carries a message is used.
    /// </summary>
    /// <param name="builder">The service.</param>
    /// <param name="codec">The codec; thread-safe, and not disposed by Micro.</param>
    public static IMicroBuilder AddCodec(this IMicroBuilder builder, ICodec codec)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(codec);
        builder.Services.AddSingleton(codec);
        return builder;
    }

    /// <summary>
    /// Adds JSON metadata for messages that are not named by a contract's own context (<see cref="MicroServiceAttribute.Json"/>), which is needed
    /// under Native AOT only.
    /// </summary>
    /// <param name="builder">The service.</param>
    /// <param name="metadata">A <c>JsonSerializerContext</c>, e.g. <c>OrdersJson.Default</c>. Its options hold for the types it describes.</param>
    public static IMicroBuilder AddJson(this IMicroBuilder builder, IJsonTypeInfoResolver metadata)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(metadata);
        builder.Services.AddSingleton(new JsonMetadata(metadata));
        return builder;
    }

    /// <summary>Makes <see cref="CodecSet"/> of everything that is registered.</summary>
    internal static IServiceCollection AddCodecSet(this IServiceCollection services)
    {
        services.TryAddSingleton(provider => CodecSet.WithBuiltIn(
            provider.GetServices<ICodec>(),
            provider.GetServices<JsonMetadata>().Select(metadata => metadata.Resolver)));
        return services;
    }
}
