using System.Text.Json.Serialization.Metadata;

namespace Micro.Codecs;

/// <summary>JSON metadata registered for the codecs of a host.</summary>
/// <param name="Resolver">A source-generated context, as a rule.</param>
internal sealed record JsonMetadata(IJsonTypeInfoResolver Resolver);
