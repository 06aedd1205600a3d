using System.Text.Json;
using System.Text.Json.Serialization;

namespace Micro.Cli.Tests.Support;

public sealed record HelloRequest(string Name, int Times = 1);

public sealed record HelloReply(string Text);

/// <param name="Headers">Values of x-test.</param>
/// <param name="Remaining">Seconds left until the deadline.</param>
public sealed record EchoReply(string Headers, double Remaining);

public sealed record CountRequest(int Until, int WaitAfter = int.MaxValue, int FailAfter = int.MaxValue);

public sealed record Tick(int Number);

public sealed record Sum(int Total, int Count);

public sealed record FailRequest(CallStatusCode Code, string Message);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true)]
[JsonSerializable(typeof(HelloRequest))]
[JsonSerializable(typeof(HelloReply))]
[JsonSerializable(typeof(EchoReply))]
[JsonSerializable(typeof(CountRequest))]
[JsonSerializable(typeof(Tick))]
[JsonSerializable(typeof(Sum))]
[JsonSerializable(typeof(FailRequest))]
internal sealed partial class GreeterJson : JsonSerializerContext;
