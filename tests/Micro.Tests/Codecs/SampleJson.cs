using System.Text.Json.Serialization;
using Micro.Testing.Codecs;

namespace Micro.Tests.Codecs;

/// <summary>Says nothing of its options, as most contexts: the web's conventions apply.</summary>
[JsonSerializable(typeof(CodecSample))]
internal sealed partial class SampleJson : JsonSerializerContext;

internal sealed record Order(string OrderId, int ItemCount, double Weight = 0);

[JsonSerializable(typeof(Order))]
internal sealed partial class PlainOrderJson : JsonSerializerContext;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Order))]
internal sealed partial class SnakeOrderJson : JsonSerializerContext;

[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Order))]
internal sealed partial class WebOrderJson : JsonSerializerContext;
