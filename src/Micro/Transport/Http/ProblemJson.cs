using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Micro.Transport.Http;

/// <summary>
/// Outcomes of failed calls as <c>application/problem+json</c> (RFC 9457) with the members <c>code</c>, <c>details</c> and <c>executed</c>.
/// Writing is exact, reading is tolerant: whatever the bytes, there is an outcome.
/// </summary>
public static class ProblemJson
{
    /// <summary>The content type.</summary>
    public const string ContentType = "application/problem+json";

    // Problems are never put into HTML, so that people can read their text in a terminal.
    internal static readonly JsonWriterOptions Format = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes an outcome.</summary>
    /// <param name="writer">Where the bytes go.</param>
    /// <param name="status">The outcome.</param>
    /// <param name="httpStatus">The status code of the response.</param>
    public static void Write(IBufferWriter<byte> writer, CallStatus status, int httpStatus)
    {
        ArgumentNullException.ThrowIfNull(status);
        using var json = new Utf8JsonWriter(writer, Format);
        json.WriteStartObject();
        json.WriteNumber("status", httpStatus);
        json.WriteString("title", HttpStatusMapping.TitleOf(status.Code));
        WriteMembers(json, status);
        json.WriteEndObject();
    }

    /// <summary>
    /// Reads an outcome. Without a known <c>code</c> the HTTP status decides (<see cref="HttpStatusMapping.FromHttp"/>); bytes that are not a JSON
    /// object are taken as plain text, which becomes the message.
    /// </summary>
    /// <param name="body">The body of the response.</param>
    /// <param name="httpStatus">The status code of the response.</param>
    public static CallStatus Read(ReadOnlySpan<byte> body, int httpStatus)
    {
        if (TryParse(body, out var problem))
        {
            return ReadMembers(problem, httpStatus);
        }

        return new(HttpStatusMapping.FromHttp(httpStatus), System.Text.Encoding.UTF8.GetString(body).Trim());
    }

    internal static void WriteMembers(Utf8JsonWriter json, CallStatus status)
    {
        json.WriteString("code", HttpStatusMapping.NameOf(status.Code));
        if (status.Message.Length > 0)
        {
            json.WriteString("detail", status.Message);
        }

        if (status.Details.Count > 0)
        {
            json.WriteStartArray("details");
            foreach (var detail in status.Details)
            {
                json.WriteStartObject();
                json.WriteString("@type", detail.Type);
                json.WriteBase64String("value", detail.Value.Span);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        if (!status.IsOk)
        {
            json.WriteString("executed", status.NotProcessed ? "no" : "maybe");
        }
    }

    internal static CallStatus ReadMembers(JsonElement problem, int httpStatus)
    {
        var known = HttpStatusMapping.TryParseName(Text(problem, "code"), out var code);
        var message = Text(problem, "detail");
        if (!known)
        {
            code = HttpStatusMapping.FromHttp(httpStatus);
            message ??= Text(problem, "title");
        }

        return new(code, message, Details(problem), Text(problem, "executed") == "no");
    }

    internal static bool TryParse(ReadOnlySpan<byte> body, out JsonElement problem)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            problem = JsonElement.ParseValue(ref reader);
            return problem.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            // Not JSON is an ordinary case: proxies and foreign servers answer in whatever they like.
            problem = default;
            return false;
        }
    }

    private static List<CallErrorDetail>? Details(JsonElement problem)
    {
        if (!problem.TryGetProperty("details", out var array) || array.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        var details = new List<CallErrorDetail>();
        foreach (var item in array.EnumerateArray())
        {
            if (item.ValueKind == JsonValueKind.Object && Text(item, "@type") is { } type)
            {
                var value = item.TryGetProperty("value", out var encoded) && encoded.ValueKind == JsonValueKind.String
                    && encoded.TryGetBytesFromBase64(out var bytes) ? bytes : [];
                details.Add(new(type, value));
            }
        }

        return details;
    }

    // Reading text fails on a lone surrogate, which JSON can spell but no string of Unicode holds.
    private static string? Text(JsonElement element, string name)
    {
        try
        {
            return element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
