using System.Text.Json.Serialization;

namespace Micro.Rpc;

[JsonSourceGenerationOptions(
    System.Text.Json.JsonSerializerDefaults.Web,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ServiceDescription))]
internal sealed partial class ReflectionJson : JsonSerializerContext;
