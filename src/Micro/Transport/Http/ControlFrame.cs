using System.Buffers;
using System.Text.Json;

namespace Micro.Transport.Http;

/// <summary>
/// What is not a message in a stream of JSON lines or WebSocket text frames: <c>{"$status":{…}}</c> at the end and <c>{"$headers":{…}}</c>
/// before the first message of a WebSocket. Recognised by their first bytes alone; a message that starts alike is sent with a space before it.
/// </summary>
internal static class ControlFrame
{
    /// <summary>What a message must not start with.</summary>
    public static ReadOnlySpan<byte> Mark => "{\"$"u8;

    public static bool IsStatus(ReadOnlySpan<byte> text) => text.StartsWith("{\"$status\":"u8);

    public static bool IsHeaders(ReadOnlySpan<byte> text) => text.StartsWith("{\"$headers\":"u8);

    public static void WriteStatus(IBufferWriter<byte> writer, CallEnd end)
    {
        using var json = new Utf8JsonWriter(writer, ProblemJson.Format);
        json.WriteStartObject();
        json.WriteStartObject("$status");
        ProblemJson.WriteMembers(json, end.Status);
        if (end.RetryPushback is { } pushback)
        {
            json.WriteNumber("retryPushbackMs", (long)pushback.TotalMilliseconds);
        }

        if (end.Trailers is { Count: > 0 } trailers)
        {
            json.WritePropertyName("trailers");
            WriteLists(json, trailers);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    public static void WriteHeaders(IBufferWriter<byte> writer, CallHeaders headers)
    {
        using var json = new Utf8JsonWriter(writer, ProblemJson.Format);
        json.WriteStartObject();
        json.WritePropertyName("$headers");
        WriteLists(json, headers);
        json.WriteEndObject();
    }

    /// <summary>Reads what <see cref="IsStatus"/> recognised; nonsense inside is an UNKNOWN outcome.</summary>
    public static CallEnd ReadStatus(ReadOnlySpan<byte> text)
    {
        if (!ProblemJson.TryParse(text, out var frame) || !frame.TryGetProperty("$status", out var status) || status.ValueKind != JsonValueKind.Object)
        {
            return new(new CallStatus(CallStatusCode.Unknown, "The stream ended with a status that cannot be read."));
        }

        var trailers = status.TryGetProperty("trailers", out var lists) ? ReadLists(lists) : null;
        return new(ProblemJson.ReadMembers(status, 0), trailers)
        {
            RetryPushback = status.TryGetProperty("retryPushbackMs", out var ms) && ms.ValueKind == JsonValueKind.Number && ms.TryGetInt32(out var pushback)
                ? TimeSpan.FromMilliseconds(pushback)
                : null,
        };
    }

    /// <summary>Reads what <see cref="IsHeaders"/> recognised.</summary>
    public static CallHeaders ReadHeaders(ReadOnlySpan<byte> text) =>
        ProblemJson.TryParse(text, out var frame) && frame.TryGetProperty("$headers", out var lists) ? ReadLists(lists) ?? [] : [];

    // Grouped by name, in the order of first appearance.
    private static void WriteLists(Utf8JsonWriter json, CallHeaders headers)
    {
        json.WriteStartObject();
        foreach (var name in headers.Select(header => header.Key).Distinct())
        {
            json.WriteStartArray(name);
            foreach (var value in headers.GetAll(name))
            {
                json.WriteStringValue(value);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static CallHeaders? ReadLists(JsonElement lists)
    {
        if (lists.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var headers = new CallHeaders();
        foreach (var list in lists.EnumerateObject())
        {
            foreach (var value in list.Value.ValueKind == JsonValueKind.Array ? list.Value.EnumerateArray() : [])
            {
                if (value.ValueKind == JsonValueKind.String)
                {
                    headers.TryAddReceived(list.Name, value.GetString()!);
                }
            }
        }

        return headers;
    }
}
