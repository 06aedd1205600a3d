using System.Text.Json;
using System.Text.Json.Serialization;

namespace Samples.Chatting;

/// <param name="Name">Who says it; that of the first message counts.</param>
/// <param name="Text">What.</param>
/// <param name="Room">Where; that of the first message counts.</param>
public sealed record Said(string Name, string Text, string Room = "lobby");

public enum HeardKind
{
    Line,
    Came,
    Went,
}

public sealed record Heard(HeardKind Kind, string Name, string Text, DateTimeOffset At);

public sealed record RoomQuery(string Room = "lobby");

public sealed record PeopleInRoom(IReadOnlyList<string> Names);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(Said))]
[JsonSerializable(typeof(Heard))]
[JsonSerializable(typeof(RoomQuery))]
[JsonSerializable(typeof(PeopleInRoom))]
public sealed partial class ChatJson : JsonSerializerContext;
