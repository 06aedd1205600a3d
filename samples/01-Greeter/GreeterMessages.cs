using System.Text.Json;
using System.Text.Json.Serialization;

namespace Samples.Greeting;

/// <param name="Name">Whom to greet.</param>
/// <param name="Language"><c>en</c>, <c>de</c> or <c>fr</c>.</param>
public sealed record HelloRequest(string Name, string Language = "en");

public sealed record HelloReply(string Text);

public sealed record CountdownRequest(int From = 3);

public sealed record Tick(int Left);

public sealed record Guest(string Name);

public sealed record GuestList(int Count, string Longest);

public sealed record Line(string Text);

/// <summary>How the messages look as JSON; made by the compiler, so it works without reflection too.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(HelloRequest))]
[JsonSerializable(typeof(HelloReply))]
[JsonSerializable(typeof(CountdownRequest))]
[JsonSerializable(typeof(Tick))]
[JsonSerializable(typeof(Guest))]
[JsonSerializable(typeof(GuestList))]
[JsonSerializable(typeof(Line))]
public sealed partial class GreeterJson : JsonSerializerContext;
