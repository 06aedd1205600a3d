using System.Text.Json.Serialization;

namespace Micro.Sqlite.Discovery;

[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class InstanceJson : JsonSerializerContext;
